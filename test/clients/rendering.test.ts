import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { openAiStream, type ProviderServer, sendStream, startProvider } from '../support/provider-server.ts';

/** Interfaces of other makers on parley-ai-sdk, in a real browser; and what rendering takes, side by side. */

const here = fileURLToPath(new URL('./', import.meta.url));

const parleyPage = `
import { createParley } from 'parley-client';
import { useChat } from 'parley-react';
const parley = createParley({ url: '/graphql' });
export function App() {
  const { messages, send } = useChat({ parley, model: 'local/x' });
  return <><button onClick={() => send('Hello')}>Send</button>{messages.map(({ id, role, text }) => <p key={id} className={role}>{text}</p>)}</>;
}`;

const aiSdkPage = `
import { useChat } from '@ai-sdk/react';
import { createParley } from 'parley-client';
import { createParleyTransport } from 'parley-ai-sdk';
const transport = createParleyTransport({ parley: createParley({ url: '/graphql' }), model: 'local/x' });
export function App() {
  const { messages, sendMessage } = useChat({ transport });
  return <><button onClick={() => sendMessage({ text: 'Hello' })}>Send</button>{messages.map(({ id, role, parts }) =>
    <p key={id} className={role.toUpperCase()}>{parts.map((part) => (part.type === 'text' ? part.text : '')).join('')}</p>)}</>;
}`;

const assistantUiPage = `
import { AssistantRuntimeProvider, ComposerPrimitive, MessagePrimitive, ThreadPrimitive } from '@assistant-ui/react';
import { useChatRuntime } from '@assistant-ui/react-ai-sdk';
import { createParley } from 'parley-client';
import { createParleyTransport } from 'parley-ai-sdk';
const transport = createParleyTransport({ parley: createParley({ url: '/graphql' }), model: 'local/x' });
const UserMessage = () => <MessagePrimitive.Root className="USER"><MessagePrimitive.Parts /></MessagePrimitive.Root>;
const AssistantMessage = () => <MessagePrimitive.Root className="ASSISTANT"><MessagePrimitive.Parts /></MessagePrimitive.Root>;
export function App() {
  const runtime = useChatRuntime({ transport });
  return <AssistantRuntimeProvider runtime={runtime}><ThreadPrimitive.Root>
    <ThreadPrimitive.Messages components={{ UserMessage, AssistantMessage }} />
    <ComposerPrimitive.Root><ComposerPrimitive.Input aria-label="Message" /><ComposerPrimitive.Send>Send</ComposerPrimitive.Send>
      <ComposerPrimitive.Cancel>Cancel</ComposerPrimitive.Cancel></ComposerPrimitive.Root>
  </ThreadPrimitive.Root></AssistantRuntimeProvider>;
}`;

const deltas = 10_000;

describe.skipIf(!browserPath)('in Chromium (skipped without it)', () => {
  const folder = mkdtempSync(join(here, '.recipe-'));
  let browser: Browser;
  let provider: ProviderServer;
  let gateway: RunningGateway;
  const sites: Server[] = [];

  beforeAll(async () => {
    browser = await openBrowser();
    provider = await startProvider(({ body }, response) => {
      const { messages } = body as { messages: { content: string }[] };
      if (messages.at(-1)?.content !== 'Talk') return sendStream(response, openAiStream(['I ', 'heard ', 'you.']));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const piece = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
      const talk = setInterval(() => response.write(piece), 10);
      response.once('close', () => clearInterval(talk));
    });
    gateway = await openGateway({ yaml: localProvider(provider.url) });
  });
  afterAll(async () => {
    await browser?.close();
    for (const site of sites) site.close();
    rmSync(folder, { recursive: true });
    await gateway?.[Symbol.asyncDispose]();
    await provider?.close();
  });

  async function bundle(name: string, code: string, folderOfReact: string): Promise<string> {
    writeFileSync(join(folder, `${name}.tsx`), code);
    writeFileSync(
      join(folder, `${name}-main.tsx`),
      `import { createRoot } from 'react-dom/client';
import { App } from './${name}.tsx';
createRoot(document.getElementById('root')).render(<App />);`,
    );
    const built = await rolldown({
      input: join(folder, `${name}-main.tsx`),
      platform: 'browser',
      logLevel: 'silent',
      resolve: {
        conditionNames: ['parley-source', 'browser', 'default'],
        // One React for the packages of this repository and for those of these tests.
        alias: {
          react: join(here, folderOfReact, 'react'),
          'react-dom': join(here, folderOfReact, 'react-dom'),
        },
      },
      transform: { jsx: 'react-jsx', define: { 'process.env.NODE_ENV': '"production"' } },
    });
    const { output } = await built.generate({ format: 'esm', codeSplitting: false });
    return output[0].code;
  }

  /** A site with the page, and a GraphQL endpoint of the same origin. */
  async function open(
    name: string,
    code: string,
    graphql: Parameters<typeof createServer>[1],
    folderOfReact = 'node_modules',
  ): Promise<Page> {
    const script = await bundle(name, code, folderOfReact);
    const site = createServer((request, response) => {
      if (request.url === '/graphql') return void graphql?.(request, response as never);
      const isScript = request.url === '/page.js';
      response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html' });
      response.end(
        isScript
          ? script
          : '<!doctype html><meta charset="utf-8"><div id="root"></div><script type="module" src="/page.js"></script>',
      );
    });
    sites.push(site);
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    const page = await browser.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
    return page;
  }

  it('assistant-ui streams, stops the provider, and takes the next message', async () => {
    const page = await open('assistant-ui', assistantUiPage, async (request, response) => {
      const left = new AbortController();
      response.once('close', () => left.abort());
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const { authorization: _, host: __, connection: ___, 'content-length': ____, ...headers } = request.headers;
      const answer = await fetch(`${gateway.url}/graphql`, {
        ...{
          method: 'POST',
          headers: headers as Record<string, string>,
          body: Buffer.concat(pieces),
          signal: left.signal,
        },
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      try {
        for await (const piece of answer.body ?? []) response.write(piece);
        response.end();
      } catch {
        // The page has left.
      }
    });
    const say = async (text: string) => {
      await page.getByLabel('Message').fill(text);
      await page.getByRole('button', { name: 'Send' }).click();
    };
    await say('Hello');
    await expect.poll(() => page.locator('.ASSISTANT').last().innerText()).toBe('I heard you.');
    await say('Talk');
    await expect.poll(() => page.locator('.ASSISTANT').last().innerText()).toContain('word word');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await provider.requests.at(-1)?.closed;
    await say('And now?');
    await expect.poll(() => page.locator('.ASSISTANT').last().innerText()).toBe('I heard you.');
    expect(await page.locator('.USER').allInnerTexts()).toEqual(['Hello', 'Talk', 'And now?']);
    await page.close();
  }, 60_000);

  /** All events at once, as from a fast model over a fast network. */
  function manyDeltas(): string {
    const event = (chatStream: object) => `event: next\ndata: ${JSON.stringify({ data: { chatStream } })}\n\n`;
    const start = { id: 'c', streamId: 's', cursor: '', provider: 'local', model: 'x', created: '', isSandbox: true };
    const none = { usage: null, cost: null, refusal: null, providerState: null, object: null };
    const end = { cursor: '', finishReason: 'STOP', citations: [], warnings: [], attempts: [], ...none };
    const words = Array.from({ length: deltas }, (_, index) => ({
      __typename: 'ContentDelta',
      text: `w${index} `,
      cursor: '',
    }));
    const events = [
      { __typename: 'CompletionStarted', ...start },
      ...words,
      { __typename: 'CompletionFinished', ...end },
    ];
    return `${events.map(event).join('')}event: complete\ndata:\n\n`;
  }

  it('parley-react works with React 18', async () => {
    const answer = (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(manyDeltas());
    };
    const page = await open('react18', parleyPage, answer, 'react-18/node_modules');
    await page.getByRole('button', { name: 'Send' }).click();
    await expect.poll(() => page.locator('.ASSISTANT').innerText()).toContain(`w${deltas - 1}`);
    expect(await page.locator('.USER').innerText()).toBe('Hello');
    await page.close();
  });

  it('parley-react shows 10,000 deltas in shorter tasks than @ai-sdk/react', async () => {
    const body = manyDeltas();
    const measured: Record<string, { readonly long: readonly number[]; readonly ms: number }> = {};
    for (const [name, code] of [
      ['parley-react', parleyPage],
      ['@ai-sdk/react', aiSdkPage],
    ] as const) {
      const page = await open(name.replaceAll(/\W/g, ''), code, (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(body);
      });
      await page.evaluate(() => {
        const long: number[] = [];
        new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({
          type: 'longtask',
        });
        Object.assign(globalThis, { long });
      });
      const ms = await page.evaluate(
        async (last) => {
          const began = performance.now();
          document.querySelector('button')?.click();
          while (
            !document.querySelector('.ASSISTANT')?.textContent?.endsWith(last) &&
            performance.now() - began < 20_000
          ) {
            await new Promise(requestAnimationFrame);
          }
          return performance.now() - began;
        },
        `w${deltas - 1} `,
      );
      const long = await page.evaluate(() => (globalThis as unknown as { long: number[] }).long);
      measured[name] = { long, ms };
      await page.close();
    }
    for (const [name, { long, ms }] of Object.entries(measured)) {
      console.log(`${name}: ${Math.round(ms)} ms, long tasks: ${long.map(Math.round).join(', ') || 'none'}`);
    }
    const longest = (name: string) => Math.max(50, ...(measured[name]?.long ?? []));
    expect(longest('parley-react')).toBeLessThan(longest('@ai-sdk/react'));
  }, 60_000);
});
