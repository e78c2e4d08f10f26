import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { type CutProxy, startCutProxy } from '../support/cut-proxy.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

/** The chat of docs/frontends.md in a real browser, in StrictMode. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/frontends.md'), 'utf8');
const snippet = /^```tsx\n\/\/ chat\.tsx\n(.*?)^```$/ms.exec(page)?.[1] ?? '';
const toEvent = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

it('the chat of docs/frontends.md has at most fifteen lines', () => {
  const lines = snippet.split('\n').filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.length).toBeLessThanOrEqual(15);
});

describe.skipIf(!browserPath)('a chat in React (skipped without Chromium)', () => {
  let provider: ProviderServer;
  let gateway: RunningGateway;
  let proxy: CutProxy;
  let site: ReturnType<typeof createServer>;
  let browser: Browser;
  let view: Page;
  const errors: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'parley-react-'));

  beforeAll(async () => {
    provider = await startProvider(({ body }, response) => {
      const { messages } = body as { messages: { content: string }[] };
      const prompt = messages.at(-1)?.content ?? '';
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (prompt.startsWith('many ')) {
        const count = Number(prompt.slice(5));
        for (let index = 0; index < count; index++) response.write(toEvent({ content: `w${index} ` }));
        return void response.end(`${toEvent({}, 'stop')}data: [DONE]\n\n`);
      }
      let index = 0;
      const talk = setInterval(() => response.write(toEvent({ content: `word${index++} ` })), 10);
      response.once('close', () => clearInterval(talk));
    });
    site = createServer((request, response) => {
      const isScript = request.url === '/page.js';
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      response.end(
        isScript
          ? readFileSync(join(folder, 'page.js'))
          : '<!doctype html><meta charset="utf-8"><div id="root"></div><script type="module" src="/page.js"></script>',
      );
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    gateway = await openGateway({ yaml: `server: { cors: ["${origin}"] }\n${localProvider(provider.url)}` });
    proxy = await startCutProxy(gateway.url);
    mkdirSync(join(folder, 'src'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
    writeFileSync(
      join(folder, 'src/chat.tsx'),
      snippet.replace('http://127.0.0.1:4000', proxy.url).replace('openai/gpt-4o', 'local/test'),
    );
    writeFileSync(
      join(folder, 'src/main.tsx'),
      `import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Chat } from './chat.tsx';
createRoot(document.getElementById('root')!).render(<StrictMode><Chat /></StrictMode>);`,
    );
    const bundle = await rolldown({
      input: join(folder, 'src/main.tsx'),
      platform: 'browser',
      resolve: { conditionNames: ['parley-source', 'browser', 'import', 'default'] },
      transform: { jsx: 'react-jsx', define: { 'process.env.NODE_ENV': '"development"' } },
    });
    await bundle.write({ file: join(folder, 'page.js'), format: 'esm' });
    browser = await openBrowser();
    view = await browser.newPage({ viewport: { width: 600, height: 500 } });
    view.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    view.on('pageerror', (error) => errors.push(error.message));
    await view.goto(origin);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    site?.close();
    await proxy?.[Symbol.asyncDispose]();
    await gateway?.[Symbol.asyncDispose]();
    await provider?.close();
    rmSync(folder, { recursive: true });
  });

  const send = async (text: string) => {
    await view.getByLabel('Message').fill(text);
    await view.getByRole('button', { name: 'Send' }).click();
  };
  const answer = () => view.locator('.ASSISTANT').last();
  const words = async () => ((await answer().textContent()) ?? '').trim().split(' ');
  /** The words so far are those that the provider sent, each once and in order. */
  const expectExact = async () => {
    const now = await words();
    expect(now).toEqual(now.map((_word, index) => `word${index}`));
  };

  it('streams, and survives a lost connection without a gap', async () => {
    await send('Hello');
    await expect.poll(() => answer().textContent()).toContain('word5');
    proxy.cutNow();
    const before = (await words()).length;
    await expect.poll(async () => (await words()).length, { timeout: 10_000 }).toBeGreaterThan(before + 50);
    await expectExact();
    expect(provider.requests.length).toBe(1);
  });

  it('goes on when the page is loaded again', async () => {
    await view.reload();
    await expect.poll(() => answer().textContent()).toContain('word60');
    await expectExact();
    expect(await view.locator('.USER').allTextContents()).toEqual(['Hello']);
    expect(provider.requests.length).toBe(1);
  });

  it('stops the provider, and takes the next message', async () => {
    await view.getByRole('button', { name: 'Stop' }).click();
    await provider.requests.at(-1)?.closed;
    await send('many 3');
    await expect.poll(() => answer().textContent()).toBe('w0 w1 w2 ');
    expect(await view.locator('.USER').count()).toBe(2);
  });

  it('shows 10,000 deltas without a long task', async () => {
    await view.evaluate(() => {
      const tasks: number[] = [];
      new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      });
      Object.assign(globalThis, { tasks });
    });
    await send('many 10000');
    await expect.poll(() => answer().textContent(), { timeout: 15_000 }).toContain('w9999 ');
    const tasks = await view.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks);
    console.log(`Long tasks of 10,000 deltas: ${tasks.map(Math.round).join(', ') || 'none'}`);
  });

  it('has logged no error', () => {
    const lost = /ERR_(CONNECTION|EMPTY|INCOMPLETE|FAILED)|Failed to load resource|net::/;
    expect(errors.filter((text) => !lost.test(text))).toEqual([]);
  });
});
