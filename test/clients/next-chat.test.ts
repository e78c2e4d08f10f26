import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

/** examples/next-chat as it is deployed: built, with a key that runs the known operations alone. `npm run clients` builds it. */

const folder = fileURLToPath(new URL('../../examples/next-chat/', import.meta.url));
const operations = fileURLToPath(new URL('../../packages/client/persisted-operations.json', import.meta.url));

describe.skipIf(!browserPath)('examples/next-chat (skipped without Chromium)', () => {
  let provider: ProviderServer;
  let gateway: RunningGateway;
  let site: ChildProcess;
  let url: string;
  let browser: Browser;
  let page: Page;
  const received: Promise<string>[] = [];
  const errors: string[] = [];
  const next = callerKey('next', 'persistedOnly: true');

  beforeAll(async () => {
    provider = await startProvider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      let count = 0;
      const talk = setInterval(() => {
        const delta = { content: `word${count++} ` };
        response.write(`data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta }] })}\n\n`);
      }, 20);
      response.once('close', () => clearInterval(talk));
    });
    const yaml = `graphql: { persistedOperations: "${operations}" }\n${callersYaml(next)}${localProvider(provider.url)}`;
    gateway = await openGateway({ yaml });
    const args = ['node_modules/next/dist/bin/next', 'start', '--port', '0', '--hostname', '127.0.0.1'];
    const env = { PARLEY_URL: gateway.url, PARLEY_KEY: next.key, PARLEY_MODEL: 'local/x', PARLEY_PERSISTED: '1' };
    site = spawn(process.execPath, args, {
      cwd: folder,
      env: { ...process.env, ...env, NEXT_TELEMETRY_DISABLED: '1' },
    });
    let output = '';
    for (const stream of [site.stdout, site.stderr]) stream?.on('data', (bytes) => (output += bytes));
    url = await vi.waitFor(
      () =>
        /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(stripVTControlCharacters(output))?.[0] ??
        expect.fail(`It does not serve yet:\n${output}`),
      { timeout: 30_000 },
    );
    browser = await openBrowser();
    page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (thrown) => errors.push(thrown.message));
    page.on('response', (response) => {
      // A stream that was left never ends here.
      const isStream = response.headers()['content-type']?.includes('event-stream');
      if (!isStream) received.push(response.text().catch(() => ''));
    });
    await page.goto(url);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    if (site?.exitCode === null) {
      site.kill();
      await once(site, 'exit');
    }
    await gateway?.[Symbol.asyncDispose]();
    await provider?.close();
  });

  const answer = () => page.locator('li.ASSISTANT p').last();

  it('streams, goes on after a reload, and stops the model', async () => {
    await page.getByLabel('Message').fill('Hello');
    await page.keyboard.press('Enter');
    await expect.poll(() => answer().innerText(), { timeout: 10_000 }).toContain('word5');
    expect(provider.requests.at(-1)?.body).toMatchObject({ model: 'x', max_tokens: 1_000 });
    await page.reload();
    await expect.poll(() => answer().innerText(), { timeout: 10_000 }).toContain('word60');
    expect((await answer().innerText()).startsWith('word0 word1 word2 ')).toBe(true);
    await page.getByRole('button', { name: 'Stop' }).click();
    await provider.requests.at(-1)?.closed;
    expect(provider.requests.length).toBe(1);
    expect(errors).toEqual([]);
  });

  it('is accessible', async () => {
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });

  it('lets a page neither choose the model nor send an operation of its own, and never shows the key', async () => {
    const post = (body: unknown) => fetch(`${url}/api/parley`, { method: 'POST', body: JSON.stringify(body) });
    for (const body of [{ query: '{ usage { since } }' }, { documentId: 'nothing' }, null, []]) {
      expect((await post(body)).status).toBe(400);
    }
    expect((await Promise.all(received)).join('\n')).not.toContain(next.key);
  });
});
