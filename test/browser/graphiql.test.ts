import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { callerKey } from '../support/caller-keys.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';

describe.skipIf(!browserPath)('GraphiQL in a browser (skipped without Chromium)', () => {
  let gateway: GatewayProcess;
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];

  beforeAll(async () => {
    gateway = await startGateway({ yaml: 'sandbox: { firstTokenMs: 50, tokensPerSecond: 60 }\n' });
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${gateway.url}/graphql`);
    await page.waitForSelector('.graphiql-execute-button');
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  const result = () => page.locator('.result-window').textContent();
  // While an operation runs, the same button stops it.
  const run = () => page.locator('.graphiql-execute-button[aria-label^="Execute"]').click();

  it('opens with examples that stream', async () => {
    await run();
    await page.waitForFunction(() => document.querySelector('.result-window')?.textContent?.includes('ContentDelta'));
    const early = await result();
    await page.waitForFunction(
      () => document.querySelector('.result-window')?.textContent?.includes('CompletionFinished'),
      undefined,
      { timeout: 15_000 },
    );
    expect(early).not.toContain('CompletionFinished');
    expect(await result()).toContain('"STOP"');
  });

  it('runs a query', async () => {
    await page.locator('.graphiql-tab').nth(1).click();
    const runAndRead = async () => {
      await run();
      return result();
    };
    // GraphiQL reads the name of a tab's operation a moment after the tab opens; a user would press again, too.
    // Each press empties the window first, so the text that is judged is the one that was read.
    const model = /"id":\s*"\w+\/[\w.-]+"[^}]*"contextWindow"/;
    await expect.poll(runAndRead, { timeout: 15_000, interval: 300 }).toMatch(model);
  });

  it('makes no request to another host', () => {
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.filter((url) => !url.startsWith(gateway.url) && !/^(data|blob):/.test(url))).toEqual([]);
  });

  it('sends the key from its headers panel, where it is public, and stores it nowhere', async () => {
    const { key, entry } = callerKey('ops', 'admin: true');
    const yaml = `sandbox: { firstTokenMs: 0, tokensPerSecond: 0 }\nserver: { graphiql: true }\ncallers: [${entry}]\n`;
    const closed = await startGateway({ yaml });
    const other = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await other.goto(`${closed.url}/graphql`);
    await other.getByRole('button', { name: 'Headers' }).click();
    await other.locator('.graphiql-editor-tool .graphiql-editor:not(.hidden)').last().click();
    await other.keyboard.type(`{"authorization":"Bearer ${key}`);
    const answer = other.waitForResponse(
      (response) => response.request().headers()['authorization'] === `Bearer ${key}`,
    );
    await other.locator('.graphiql-execute-button').click();
    expect((await answer).status()).toBe(200);
    await other.waitForFunction(() => document.querySelector('.result-window')?.textContent?.includes('"STOP"'));
    expect(await other.evaluate(() => JSON.stringify(localStorage) + document.cookie)).not.toContain(key);
    await other.close();
    await closed.stop();
  });
});
