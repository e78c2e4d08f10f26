import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { openBrowser } from '../test/support/browser.ts';
import { allEnded, openPage } from '../test/support/compare-page.ts';
import { startGateway } from '../test/support/gateway-process.ts';

/** Takes the pictures of the README from the real thing: `npm run screenshots`. */

const gateway = await startGateway({ yaml: 'sandbox: { firstTokenMs: 250, tokensPerSecond: 60 }\n' });
const browser = await openBrowser();

function save(page: Page, name: string): Promise<Buffer> {
  return page.screenshot({ path: fileURLToPath(new URL(`./images/${name}.png`, import.meta.url)) });
}

{
  await using compare = await openPage(browser, gateway.url, { viewport: { width: 1280, height: 800 } });
  await compare.choose('openai/gpt-4o', 'anthropic/claude-sonnet-4-5', 'google/gemini-2.5-flash', 'acme/unknown');
  await compare.run('Explain what an LLM gateway does, in three short points.');
  await allEnded(compare);
  await save(compare.page, 'compare');
}

{
  const chat = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await chat.goto(`${gateway.url}/#chat`);
  await chat.locator('.options summary').click();
  await chat.getByRole('button', { name: 'Insert an example: Tools (JSON)' }).click();
  await chat.locator('.options summary').click();
  await chat.locator('#message').fill('How is the weather in Lyon?');
  await chat.keyboard.press('Enter');
  await chat.getByRole('button', { name: 'Answer again' }).waitFor();
  await save(chat, 'chat');
}

const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
await page.goto(`${gateway.url}/graphql`);
await page.locator('.graphiql-execute-button').click();
await page.waitForFunction(() => document.querySelector('.result-window')?.textContent?.includes('"STOP"'));
await save(page, 'graphiql');

await browser.close();
await gateway.stop();
