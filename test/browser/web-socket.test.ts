import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { wholeStream } from '../support/graphql-client.ts';

/** A browser opens six HTTP/1.1 connections to a host, and streams over HTTP take one each. */

describe.skipIf(!browserPath)('a tab of Chromium (skipped without it)', () => {
  let browser: Browser;
  let gateway: RunningGateway;
  beforeAll(async () => {
    browser = await openBrowser();
    gateway = await openGateway({ yaml: 'sandbox: { firstTokenMs: 0, tokensPerSecond: 100 }\n' });
  });
  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
  });

  it('has ten streams at once over one WebSocket', async () => {
    const built = await rolldown({
      input: fileURLToPath(import.meta.resolve('graphql-ws/client')),
      platform: 'browser',
    });
    const { output } = await built.generate({ format: 'iife', name: 'graphqlWs', exports: 'named' });
    const page = await browser.newPage();
    await page.goto(`${gateway.url}/healthz`);
    await page.addScriptTag({ content: output[0].code });
    const told = await page.evaluate(
      async ([url, query]) => {
        type Event = { readonly __typename: string };
        const { createClient } = (globalThis as unknown as { graphqlWs: typeof import('graphql-ws') }).graphqlWs;
        const client = createClient({ url: `${url?.replace(/^http/, 'ws')}/graphql`, retryAttempts: 0 });
        let connections = 0;
        client.on('opened', () => {
          connections += 1;
        });
        let running = 0;
        let most = 0;
        const input = { model: 'openai/gpt-4o', messages: [{ role: 'USER', content: 'Hello' }] };
        const ends = await Promise.all(
          Array.from({ length: 10 }, async () => {
            let last = '';
            for await (const { data } of client.iterate<{ chatStream: Event }>({
              query: query ?? '',
              variables: { input },
            })) {
              if (data?.chatStream.__typename === 'CompletionStarted') running += 1;
              most = Math.max(most, running);
              last = data?.chatStream.__typename ?? '';
            }
            running -= 1;
            return last;
          }),
        );
        return { connections, most, ends };
      },
      [gateway.url, wholeStream],
    );
    expect(told).toEqual({ connections: 1, most: 10, ends: Array.from({ length: 10 }, () => 'CompletionFinished') });
    await page.close();
  });
});
