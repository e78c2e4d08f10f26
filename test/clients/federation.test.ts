import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/** The gateway in a supergraph, behind a router that is not ours, beside a subgraph that extends its models. */

const web = callerKey('web');

let provider: ProviderServer;
let gateway: RunningGateway;
let router: ChildProcess;
let url: string;
let apollo: ChildProcess;
let apolloUrl: string;

beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['model'] === 'fails')
      return sendJson(response, 429, { error: { message: 'Slow down' } }, { 'retry-after': '2' });
    if (body['stream'] !== true) return sendJson(response, 200, openAiAnswer('Hello'));
    if (body['model'] === 'x') return sendStream(response, openAiStream(['Hel', 'lo']));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const piece = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
    const talk = setInterval(() => response.write(piece), 10);
    response.once('close', () => clearInterval(talk));
  });
  gateway = await openGateway({
    yaml: `graphql: { federation: true, introspection: true }\n${callersYaml(web)}${localProvider(provider.url)}`,
    env: { OPENAI_API_KEY: 'key', OPENAI_BASE_URL: provider.url },
  });
  [[router, url], [apollo, apolloUrl]] = await Promise.all([startRouter('hive'), startRouter('apollo')]);
}, 60_000);

async function startRouter(kind: 'hive' | 'apollo'): Promise<[ChildProcess, string]> {
  const script = fileURLToPath(new URL('./supergraph.ts', import.meta.url));
  const child = spawn(process.execPath, [script, kind, gateway.url, web.key], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout as Readable, 'data');
  return [child, String(line).trim()];
}

afterAll(async () => {
  for (const child of [router, apollo]) {
    // Its own shutdown would wait for connections.
    child?.kill('SIGKILL');
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  await gateway?.[Symbol.asyncDispose]();
  await provider?.close();
});

function send(
  query: string,
  variables: object = {},
  options: {
    readonly accept?: string;
    readonly key?: string;
    readonly signal?: AbortSignal;
    readonly router?: string;
  } = {},
) {
  const { accept = 'application/json', key = web.key, signal, router = url } = options;
  return fetch(`${router}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${key}` },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  });
}
const ask = async (query: string, variables: object = {}, key = web.key, router = url) =>
  (await (await send(query, variables, { key, router })).json()) as {
    data?: Record<string, never>;
    errors?: readonly { message: string; extensions?: Record<string, unknown> }[];
  };
const input = (model: string) => ({ model, messages: [{ role: 'USER', content: 'Hello' }] });
const stream = `subscription ($input: ChatInput!) { chatStream(input: $input) {
  __typename ... on ContentDelta { text } ... on CompletionFinished { finishReason } ... on CompletionFailed { code retryAfterMs }
} }`;

describe.each([
  ['graphql-hive/gateway-runtime', () => url],
  ['apollo/gateway', () => apolloUrl],
])('a supergraph with this gateway as a subgraph, by %s', (_name, router) => {
  const through = (query: string, variables: object = {}, key = web.key) => ask(query, variables, key, router());

  it('joins models with what another subgraph knows of them, both ways', async () => {
    const { data } = await through('{ models(filter: { provider: "ai21" }) { id displayName stars } }');
    const models = data?.['models'] as unknown as readonly { id: string; displayName: string; stars: number }[];
    expect(models.length).toBeGreaterThan(0);
    for (const { id, stars } of models) expect(stars).toBe(id.length);
    expect((await through('{ best { id stars displayName provider { name } } }')).data?.['best']).toEqual({
      ...{ id: 'openai/gpt-4o', stars: 5, displayName: 'GPT-4o' },
      provider: { name: 'OpenAI' },
    });
  });

  it('answers, with failures as data', async () => {
    const chat =
      'query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { text } ... on ChatFailure { code retryAfterMs } } }';
    expect((await through(chat, { input: input('local/x') })).data).toEqual({
      chat: { __typename: 'Completion', text: 'Hello' },
    });
    expect((await through(chat, { input: input('local/fails') })).data).toEqual({
      chat: { __typename: 'ChatFailure', code: 'UPSTREAM_RATE_LIMITED', retryAfterMs: expect.any(Number) },
    });
  });

  it('passes the headers of callers on, and the errors of this gateway back', async () => {
    const { errors } = await through('{ models { id } }', {}, 'parley_wrong');
    expect(JSON.stringify(errors)).toContain('Invalid API key');
  });
});

describe('a supergraph by graphql-hive/gateway-runtime', () => {
  it('streams, and stops the provider when the client leaves', async () => {
    const whole = await send(stream, { input: input('local/x') }, { accept: 'text/event-stream' });
    const text = await whole.text();
    const events = [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, json = '']) => JSON.parse(json).data.chatStream);
    expect(events.map((event) => event.text ?? '').join('')).toBe('Hello');
    expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFinished', finishReason: 'STOP' });
    const leaving = new AbortController();
    const endless = await send(
      stream,
      { input: input('local/endless') },
      { accept: 'text/event-stream', signal: leaving.signal },
    );
    const reader = endless.body?.pipeThrough(new TextDecoderStream()).getReader();
    for (let seen = ''; !seen.includes('word'); ) seen += (await reader?.read())?.value ?? '';
    leaving.abort();
    await provider.requests.at(-1)?.closed;
  });
});
