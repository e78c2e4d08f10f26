import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { allEnded, openPage } from '../support/compare-page.ts';
import { startCutProxy } from '../support/cut-proxy.ts';
import { snippetsOf } from '../support/doc-snippets.ts';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { openAiStream, type ProviderServer, startProvider } from '../support/provider-server.ts';

/** Streams over a lost connection, in a real browser. */

const words = Array.from({ length: 40 }, (_, index) => `word${index} `);

describe.skipIf(!browserPath)('a browser that loses its connection (skipped without Chromium)', () => {
  let browser: Browser;
  let provider: ProviderServer;
  let gateway: RunningGateway;
  let env: Record<string, string>;

  beforeAll(async () => {
    browser = await openBrowser();
    provider = await startProvider(async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of openAiStream(words).split(/(?<=\n\n)/)) {
        response.write(event);
        await new Promise((resolve) => setTimeout(resolve, 60));
      }
      response.end();
    });
    env = { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: `${provider.url}/v1` };
    gateway = await openGateway({ env });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway[Symbol.asyncDispose]();
    await provider.close();
  });

  it('shows the whole answer on the page after it was offline', async () => {
    await using proxy = await startCutProxy(gateway.url);
    await using open = await openPage(browser, proxy.url);
    const { page, answer } = open;
    await open.choose('openai/gpt-4o');
    const before = provider.requests.length;
    await open.run('Hello');
    await answer(0).getByText('word3').waitFor();
    // Chromium's emulation fails new requests; running ones end with their socket, as when a network is gone.
    const devtools = await page.context().newCDPSession(page);
    const offline = { offline: true, latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await devtools.send('Network.enable');
    await devtools.send('Network.emulateNetworkConditions', offline);
    proxy.cutNow();
    await expect.poll(() => open.state(0)).toBe('reconnecting…');
    const text = await answer(0).locator('.text').innerText();
    await devtools.send('Network.emulateNetworkConditions', { ...offline, offline: false });
    await allEnded(open);
    expect(await open.state(0)).toBe('done');
    const whole = await answer(0).locator('.text').innerText();
    expect(whole.startsWith(text.trim())).toBe(true);
    expect(whole.trim()).toBe(words.join('').trim());
    expect(provider.requests.length).toBe(before + 1);
  });

  it('goes on with a run after the page was reloaded', async () => {
    await using open = await openPage(browser, gateway.url);
    const { page, answer } = open;
    await open.choose('openai/gpt-4o');
    const before = provider.requests.length;
    await open.run('Hello again');
    await answer(0).getByText('word3').waitFor();
    await page.reload();
    await answer(0).getByText('word5').waitFor();
    expect(await page.locator('#prompt').inputValue()).toBe('Hello again');
    await allEnded(open);
    expect((await answer(0).locator('.text').innerText()).trim()).toBe(words.join('').trim());
    expect(provider.requests.length).toBe(before + 1);
    // The run is complete: another reload begins with an empty page.
    await page.reload();
    await page.waitForSelector('.composer');
    expect(await page.locator('.answer').count()).toBe(0);
  });

  it('stops the model, though the stream waits for its client', async () => {
    await using open = await openPage(browser, gateway.url);
    await open.choose('openai/gpt-4o');
    await open.run('Hello');
    await open.answer(0).getByText('word3').waitFor();
    const asked = provider.requests.at(-1);
    await open.answer(0).getByRole('button', { name: /^Stop/ }).click();
    await asked?.closed;
    // The provider may know before the page does.
    await expect.poll(() => open.state(0)).toBe('stopped by you');
  });

  it('runs on without waiting where the operator allows only STOP', async () => {
    await using strict = await openGateway({ env, yaml: 'resume: { allow: [] }\n' });
    await using open = await openPage(browser, strict.url);
    await open.choose('openai/gpt-4o');
    await open.run('Hello');
    await allEnded(open);
    expect(await open.state(0)).toBe('done');
  });

  it('follows a stream with EventSource, which reconnects without code (docs/streaming.md)', async () => {
    await using proxy = await startCutProxy(gateway.url);
    const page = await browser.newPage();
    await page.goto(`${proxy.url}/healthz`);
    const messages = [{ role: 'USER', content: 'Hello' }];
    const input = { model: 'openai/gpt-4o', messages, onDisconnect: 'FINISH' };
    const query =
      'subscription ($input: ChatInput!) { chatStream(input: $input) { ... on CompletionStarted { streamId } } }';
    const started = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query, variables: { input } }),
    });
    const reader = started.body?.pipeThrough(new TextDecoderStream()).getReader();
    let received = '';
    while (!received.includes('streamId')) received += (await reader?.read())?.value ?? '';
    await reader?.cancel();
    const [, id] = /"streamId":"([^"]+)"/.exec(received) ?? [];
    proxy.cutAfter(2_500);
    const follow = snippetsOf('docs/streaming.md').get('follow.js')?.replace('export function', 'function');
    const text = await page.evaluate(
      `${follow}; let text = ''; follow('${id}', (piece) => { text += piece; }).then(() => text)`,
    );
    expect(text).toBe(words.join(''));
    await page.close();
  });
});
