import { readFileSync } from 'node:fs';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { openAiStream, type ProviderServer, sendStream, startProvider } from '../support/provider-server.ts';

/** The Chat tab of the page at `/`, as a person would use it. */

const image = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe.skipIf(!browserPath)('the Chat tab (skipped without Chromium)', () => {
  let browser: Browser;
  let gateway: RunningGateway;
  let provider: ProviderServer;
  let local: RunningGateway;

  beforeAll(async () => {
    browser = await openBrowser();
    gateway = await openGateway({ yaml: quickSandbox });
    provider = await startProvider(({ body }, response) => {
      const { messages, model } = body as { messages: { role: string; content: string }[]; model: string };
      if (model === 'endless') {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const piece = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
        const talk = setInterval(() => response.write(piece), 20);
        return void response.once('close', () => clearInterval(talk));
      }
      const said = messages.map(({ role, content }) => `${role}: ${content}`).join('; ');
      sendStream(response, openAiStream([`I heard ${said}.`]));
    });
    local = await openGateway({ yaml: localProvider(provider.url) });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
    await local?.[Symbol.asyncDispose]();
    await provider?.close();
  });

  async function open(url: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ viewport: { width: 1200, height: 900 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (thrown) => complaints.push(String(thrown)));
    await page.goto(`${url}/#chat`);
    await page.locator('#message').waitFor();
    return { page, complaints, [Symbol.asyncDispose]: () => context.close() };
  }
  const pick = async (page: Page, model: string) => {
    await page.locator('.bar .add').click();
    await page.locator('#picker input').fill(model);
    await page.locator('#option-0', { hasText: model }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('#picker').waitFor({ state: 'hidden' });
  };
  const ended = (page: Page) => page.locator('.conversation ol[aria-busy=false]').waitFor();
  const say = async (page: Page, text: string) => {
    await page.locator('#message').fill(text);
    await page.keyboard.press('Enter');
    await page.locator('.message.USER', { hasText: text }).first().waitFor();
    await ended(page);
  };
  const texts = (page: Page) => page.locator('.message .prompt, .message .text').allInnerTexts();
  const last = (page: Page, role: 'USER' | 'ASSISTANT') => page.locator(`.message.${role}`).last();

  it('remembers what was said, and forgets what is edited, asked again or deleted', async () => {
    await using chat = await open(local.url);
    const { page } = chat;
    await pick(page, 'local/echo');
    await say(page, 'One');
    expect(await page.locator('#message').inputValue()).toBe('');
    await say(page, 'Two');
    expect(await texts(page)).toEqual([
      ...['One', 'I heard user: One.', 'Two'],
      'I heard user: One; assistant: I heard user: One.; user: Two.',
    ]);
    await last(page, 'ASSISTANT').getByRole('button', { name: 'Answer again' }).click();
    await ended(page);
    await expect.poll(async () => (await texts(page)).length).toBe(4);
    await last(page, 'USER').getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Edit the message').fill('Three');
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.locator('.message.USER', { hasText: 'Three' }).waitFor();
    await ended(page);
    expect((await texts(page)).at(-1)).toBe('I heard user: One; assistant: I heard user: One.; user: Three.');
    // A question goes with its answer.
    await page.locator('.message.USER').first().getByRole('button', { name: 'Delete' }).click();
    await expect.poll(async () => (await texts(page))[0]).toBe('Three');
    await say(page, 'Four');
    expect((await texts(page)).at(-1)).toMatch(/^I heard user: Three; assistant: /);
    expect(chat.complaints).toEqual([]);
  });

  it('stops the model, and goes on after a reload', async () => {
    await using chat = await open(local.url);
    const { page } = chat;
    await pick(page, 'local/endless');
    await page.locator('#message').fill('Talk');
    await page.keyboard.press('Enter');
    await page.getByText('word word').waitFor();
    const asked = provider.requests.length;
    await page.reload();
    const length = async () => (await last(page, 'ASSISTANT').locator('.text').innerText()).length;
    const before = await length();
    await expect.poll(length).toBeGreaterThan(before + 20);
    expect(provider.requests.length).toBe(asked);
    await page.getByRole('button', { name: 'Stop' }).click();
    await provider.requests.at(-1)?.closed;
    await ended(page);
    expect(provider.open.size).toBe(0);
  });

  it('shows what answers and the conversation cost', async () => {
    await using chat = await open(gateway.url);
    await say(chat.page, 'Hello');
    await say(chat.page, 'And now?');
    expect(await last(chat.page, 'ASSISTANT').innerText()).toMatch(/First token\s+\d+ ms[\s\S]*Cost\s+\$0\.0\d+/);
    expect(await chat.page.locator('.totals').innerText()).toMatch(/^This conversation: \d+ tokens · \$0\.0\d+/);
  });

  it('answers calls with mocked results, and asks for others', async () => {
    await using chat = await open(gateway.url);
    const { page } = chat;
    await page.locator('.options summary').click();
    await page.getByRole('button', { name: 'Insert an example: Tools (JSON)' }).click();
    await say(page, 'How is the weather?');
    await expect.poll(() => texts(page)).toContainEqual(expect.stringContaining('"celsius":21'));
    const tools = await page.locator('#tools-json').inputValue();
    await page.locator('#tools-json').fill(tools.replace(/,\s*"result": \{.*\}/, ''));
    page.once('dialog', (dialog) => dialog.accept());
    await page.getByRole('button', { name: 'New conversation' }).click();
    await say(page, 'And the weather of tomorrow?');
    await page.getByLabel('Result of get_weather').fill('rain');
    await page.getByRole('button', { name: 'Give this result' }).click();
    await expect.poll(() => texts(page)).toContainEqual(expect.stringContaining('rain'));
    await page.locator('#tools-json').fill('[{');
    await page.locator('#message').fill('Wrong');
    await page.locator('.run').click();
    await page.getByRole('alert').filter({ hasText: 'this is not JSON' }).waitFor();
    expect(await page.locator('#message').inputValue()).toBe('Wrong');
  });

  it('shows an answer with a schema as JSON', async () => {
    await using chat = await open(gateway.url);
    const { page } = chat;
    await page.locator('.options summary').click();
    await page.getByRole('button', { name: 'Insert an example: Answer schema (JSON)' }).click();
    await say(page, 'Three points');
    const shown = await last(page, 'ASSISTANT').locator('.code code').innerText();
    expect(JSON.parse(shown)).toEqual({ title: expect.any(String), points: expect.any(Array) });
  });

  it('sends files, and says which models take none of their kind', async () => {
    await using chat = await open(gateway.url);
    const { page } = chat;
    await pick(page, 'anthropic/claude-sonnet-4-5');
    const pdf = Buffer.from('%PDF-1.4\n%%EOF\n');
    await page.getByLabel('Add files').setInputFiles([
      { name: 'dot.png', mimeType: 'image/png', buffer: image },
      { name: 'report.pdf', mimeType: 'application/pdf', buffer: pdf },
    ]);
    await page.locator('.composer .chip', { hasText: 'report.pdf' }).waitFor();
    await say(page, 'What is in these?');
    expect(await last(page, 'USER').locator('img.attached').count()).toBe(1);
    expect(await last(page, 'USER').innerText()).toContain('report.pdf');
    expect(await page.locator('.message.ASSISTANT .text').count()).toBe(1);
    await page.getByLabel('Add files').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: image });
    await page.locator('.composer .chip').waitFor();
    await page.locator('.bar .add').click();
    await page.locator('#picker input').fill('mistral/codestral-latest');
    expect(await page.locator('#option-0', { hasText: 'codestral' }).innerText()).toContain('takes no images');
    expect(chat.complaints).toEqual([]);
  });

  it('is shared by a link that asks nothing, and holds no files', async () => {
    await using chat = await open(gateway.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = chat;
    await page.locator('.options summary').click();
    await page.getByLabel('System message').fill('Be brief.');
    await say(page, 'A secret plan');
    await page.getByRole('button', { name: 'Share' }).click();
    await page.locator('body > [role=status]', { hasText: 'The link is copied.' }).waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await using other = await open(gateway.url);
    const asked: string[] = [];
    other.page.on('request', (request) => asked.push(`${request.url()} ${request.postData() ?? ''}`));
    await other.page.goto('about:blank');
    await other.page.goto(link);
    await other.page.locator('.message.USER', { hasText: 'A secret plan' }).waitFor();
    expect(await texts(other.page)).toEqual(await texts(page));
    await other.page.locator('.options summary', { hasText: 'System message' }).waitFor();
    expect(new URL(other.page.url()).hash).toBe('#chat');
    expect(asked.join()).not.toMatch(/secret|chatStream/);
    await other.page.goto('about:blank');
    await other.page.goto(`${gateway.url}/#share=AAAA`);
    await other.page.getByRole('alert').filter({ hasText: 'This link is broken' }).waitFor();
  });

  it('shows its request as code', async () => {
    await using chat = await open(gateway.url, { permissions: ['clipboard-read', 'clipboard-write'] });
    const { page } = chat;
    await say(page, 'Hello there');
    await page.locator('.composer').getByRole('button', { name: 'Code' }).click();
    for (const [name, text] of [
      ['parley-client', "from 'parley-client'"],
      ['React', "from 'parley-react'"],
      ['curl', 'curl --no-buffer'],
      ['OpenAI SDK', "from 'openai'"],
    ] as const) {
      await page.locator('#request').getByRole('button', { name, exact: true }).click();
      await page.locator('#request pre', { hasText: text }).waitFor();
    }
    await page.locator('#request').getByRole('button', { name: 'Copy: chat.ts' }).click();
    await page.waitForFunction(() => document.querySelector('body > [role=status]')?.textContent === 'Copied.');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('"Hello there"');
  });

  it('asks for a key where one is needed', async () => {
    const web = callerKey('web');
    await using closed = await openGateway({
      yaml: `${quickSandbox}server: { graphiql: true }\n${callersYaml(web)}`,
    });
    await using chat = await open(closed.url);
    const { page } = chat;
    await page.locator('.key [role=alert]').waitFor();
    await page.locator('.key input').fill(web.key);
    await page.keyboard.press('Enter');
    await page.locator('.bar .add', { hasText: 'Model: ' }).waitFor();
    await say(page, 'Hello');
    expect((await texts(page)).length).toBe(2);
    const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, location.href]));
    expect(kept).not.toContain(web.key);
  });

  it('shows a failure, which may succeed when it is tried again', async () => {
    await using chat = await open(local.url);
    const { page } = chat;
    await pick(page, 'nobody/knows');
    await say(page, 'Hello');
    await page.locator('.failed', { hasText: 'MODEL_NOT_FOUND' }).or(page.locator('.failed')).first().waitFor();
    await pick(page, 'local/echo');
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect.poll(() => texts(page)).toEqual(['Hello', 'I heard user: Hello.']);
  });

  const axe = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
  it.each(['light', 'dark'] as const)(
    'has no violation of axe-core, in %s colours, and fits a phone',
    async (colorScheme) => {
      await using chat = await open(gateway.url, { colorScheme, bypassCSP: true });
      const { page } = chat;
      await page.locator('.options summary').click();
      await page.getByRole('button', { name: 'Insert an example: Tools (JSON)' }).click();
      await say(page, 'How is the weather?');
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        (
          globalThis as unknown as {
            axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
          }
        ).axe.run(),
      );
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)).toEqual([]);
      for (const width of [360, 768, 1440]) {
        await page.setViewportSize({ width, height: 800 });
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(overflow, String(width)).toBe(0);
      }
    },
  );

  it('is in French, and works with the keyboard alone', async () => {
    await using chat = await open(gateway.url, { locale: 'fr-FR' });
    const { page } = chat;
    await page.locator('.bar .add', { hasText: 'Modèle' }).waitFor();
    await page.locator('#tab-chat').focus();
    for (let presses = 0; presses < 10; presses++) {
      if (await page.evaluate(() => document.activeElement?.id === 'message')) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('Bonjour');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('encore');
    await page.keyboard.press('Enter');
    await page.locator('.message.ASSISTANT').getByText('Premier jeton').waitFor();
    await ended(page);
    expect((await texts(page))[0]).toBe('Bonjour\nencore');
    expect(await page.locator('body > [role=status]').innerText()).toBe('Le modèle a répondu.');
  });
});
