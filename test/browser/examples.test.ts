import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';

/** The examples as a user starts them, on the sandbox. */

const root = fileURLToPath(new URL('../../', import.meta.url));

function start(args: readonly string[], folder: string, env: Record<string, string>) {
  const child = spawn(process.execPath, args, { cwd: join(root, folder), env: { ...process.env, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  return { child, output: () => stripVTControlCharacters(output) };
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startGateway({ yaml: 'sandbox: { firstTokenMs: 20, tokensPerSecond: 40 }\n' });
});
afterAll(() => gateway.stop());

describe.skipIf(!browserPath)('examples/react-chat (skipped without Chromium)', () => {
  let site: ReturnType<typeof start>;
  let browser: Browser;
  let page: Page;
  const errors: string[] = [];

  beforeAll(async () => {
    const vite = join(root, 'node_modules/vite/bin/vite.js');
    site = start([vite, '--host', '127.0.0.1', '--port', '5199'], 'examples/react-chat', { PARLEY_URL: gateway.url });
    const url = await vi.waitFor(
      () =>
        /http:\/\/127\.0\.0\.1:\d+/.exec(site.output())?.[0] ?? expect.fail(`It does not serve yet:\n${site.output()}`),
      { timeout: 20_000 },
    );
    browser = await openBrowser();
    page = await browser.newPage({ viewport: { width: 800, height: 700 } });
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(url);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await stop(site?.child);
  });

  const answer = () => page.locator('li.ASSISTANT').last();
  const send = async (text: string) => {
    await page.getByLabel('Message').fill(text);
    await page.keyboard.press('Enter');
  };

  it('streams an answer, and goes on when the page is loaded again', async () => {
    await send('Tell me a long story.');
    await expect.poll(() => answer().textContent(), { timeout: 10_000 }).toMatch(/\w+ \w+/);
    await page.reload();
    await expect.poll(() => page.getByRole('button', { name: 'Send' }).count(), { timeout: 15_000 }).toBe(1);
    expect(await page.locator('li').count()).toBe(2);
    expect(await answer().textContent()).toMatch(/\w+ \w+/);
  });

  it('stops, edits and sends images', async () => {
    await send('Another long story, please.');
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Send' }).waitFor();
    await page.getByRole('button', { name: 'Edit' }).last().click();
    await page.getByLabel('Edit the message').fill('A short one.');
    await page.getByRole('button', { name: 'Send again' }).click();
    await expect.poll(() => page.locator('li.USER').last().textContent()).toContain('A short one.');
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor({ timeout: 15_000 });
    const image = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await page.getByLabel('Images and files').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: image });
    await send('What is this?');
    await page.locator('li.USER img').waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).waitFor({ timeout: 15_000 });
    expect(errors).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('is accessible, %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
  });
});

it('examples/node-cli answers at a terminal', async () => {
  const env = { PARLEY_URL: `${gateway.url}/graphql` };
  const { child, output } = start(['--conditions=parley-source', 'chat.ts'], 'examples/node-cli', env);
  await expect.poll(output).toContain('> ');
  child.stdin.write('Hello\n');
  await expect.poll(() => output().split('\n').length, { timeout: 15_000 }).toBeGreaterThan(1);
  child.stdin.write('And now?\n');
  child.stdin.end();
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(output()).toMatch(/^> \S.*\n> \S.*\n/s);
});
