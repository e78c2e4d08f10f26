import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, faces, graphqlTransports, type Transport } from '../faults/ask.ts';
import { forgetful, openGateway, type RunningGateway } from '../support/gateway.ts';
import { chat, streamed, wholeStream } from '../support/graphql-client.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/**
 * The stream contract: ordered events, exactly one terminal event, and no end that hides a failure. It holds on every API: the
 * clients of `ask` throw where a stream has two ends, none, or one that is not the last event.
 */

type Behaviour = Parameters<typeof startProvider>[0];

const cutOff =
  openAiStream(['Hel', 'lo']).split(
    'data: {"id":"chatcmpl-t","object":"chat.completion.chunk","created":1760000000,"model":"test","choices":[{"index":0,"delta":{},"finish_reason":"stop"}',
  )[0] ?? '';
const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const release: (() => void)[] = [];

const behaviours: Record<string, Behaviour> = {
  good: (_request, response) => sendStream(response, openAiStream(['Hel', 'lo', '!'])),
  'end-without-marker': (_request, response) => sendStream(response, cutOff),
  'connection-breaks': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(cutOff, () => response.destroy());
  },
  'error-in-the-middle': (_request, response) =>
    sendStream(response, `${cutOff}${event({ error: { message: 'The engine is overloaded', code: 503 } })}`),
  'error-first': (_request, response) =>
    sendStream(response, event({ error: { message: 'Rate limit reached', code: 'rate_limit_exceeded' } })),
  'error-after-the-stream': (_request, response) =>
    sendStream(response, `${cutOff}{"error":{"message":"Internal","code":500}}`),
  'no-json-inside': (_request, response) => sendStream(response, `${cutOff}data: {"choices":[{"del\n\n`),
  'whole-instead-of-stream': (_request, response) => sendJson(response, 200, openAiAnswer('All at once')),
  'web-page': (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hello</html>'),
  empty: (_request, response) => sendStream(response, ''),
  'status-429': (_request, response) => sendJson(response, 429, { error: { message: 'Slow down', type: 'requests' } }),
  'retry-after-2': (_request, response) =>
    sendJson(response, 429, { error: { message: 'Slow down', type: 'requests' } }, { 'retry-after': '2' }),
  'status-500': (_request, response) => sendJson(response, 500, { error: { message: 'Oops' } }),
  'status-401': ({ headers }, response) =>
    sendJson(response, 401, { error: { message: `Incorrect API key provided: ${headers.authorization}` } }),
  'status-404': (_request, response) =>
    sendJson(response, 404, { error: { message: 'The model `x` does not exist', code: 'model_not_found' } }),
  'status-302': (_request, response) => void response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
  'too-long': (_request, response) =>
    sendJson(response, 400, {
      error: { message: "This model's maximum context length is 5 tokens.", code: 'context_length_exceeded' },
    }),
  'held-back': async (_request, response) => {
    const [first = '', ...rest] = openAiStream(['Hel', 'lo']).split(/(?<=\n\n)/);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(first);
    await new Promise<void>((resolve) => release.push(resolve));
    for (const piece of rest) response.write(piece);
    response.end();
  },
  'silent-after-content': async (_request, response) => {
    const [beginning = '', end = ''] = openAiStream(['Hel', 'lo']).split(/(?<="Hel".*\n\n)/);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(beginning);
    await new Promise<void>((resolve) => release.push(resolve));
    response.end(end);
  },
  'long-silence': () => {},
  stalls: (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(cutOff);
  },
};

const yaml = () => `timeouts: { firstContentMs: 200, idleMs: 150, totalMs: 900 }
providers:
  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }
`;

let provider: ProviderServer;
let gateway: RunningGateway;
const openContractGateway = () =>
  openGateway({
    yaml: `server: { heartbeatMs: 300 }
${forgetful}providers:
  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1", apiKeyEnv: LOCAL_KEY }
  nobody: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1" }
  my-router: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1", apiKeyEnv: ROUTER_SECRET }
`,
    env: { LOCAL_KEY: 'sk-canary-0451' },
  });
beforeAll(async () => {
  provider = await startProvider((request, response) => behaviours[String(request.body['model'])]?.(request, response));
  gateway = await openContractGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const input = (model: string, more: object = {}) => ({
  model: `local/${model}`,
  messages: [{ role: 'USER', content: 'Hello' }],
  ...more,
});
const typesOf = (events: readonly { __typename: string }[]) => events.map(({ __typename }) => __typename);

const breaks = [
  ['end-without-marker', 'UPSTREAM_TRUNCATED'],
  ['connection-breaks', 'UPSTREAM_UNREACHABLE'],
  ['error-in-the-middle', 'UPSTREAM_OVERLOADED'],
  ['error-after-the-stream', 'UPSTREAM_ERROR'],
  ['no-json-inside', 'UPSTREAM_MALFORMED'],
] as const;
const failures = [
  ['error-first', 'UPSTREAM_RATE_LIMITED', true, /Rate limit reached/],
  ['empty', 'UPSTREAM_TRUNCATED', true, /ended without/],
  ['status-429', 'UPSTREAM_RATE_LIMITED', true, /HTTP 429: Slow down/],
  ['status-500', 'UPSTREAM_ERROR', true, /HTTP 500: Oops/],
  ['status-401', 'UPSTREAM_AUTHENTICATION', false, /refused the key/],
  ['status-404', 'MODEL_NOT_FOUND', false, /does not exist/],
  ['status-302', 'UPSTREAM_MALFORMED', false, /redirect, which is never followed/],
  ['too-long', 'CONTEXT_LENGTH_EXCEEDED', false, /maximum context length/],
  ['web-page', 'UPSTREAM_MALFORMED', true, /web page|not JSON/],
] as const;
const answersWhole = 'whole-instead-of-stream';
/** Where a stream breaks before its first event, a whole answer has no such place. */
const onlyStreamed: readonly string[] = ['error-first', 'empty'];

/** A streamed request of each API, with what is sent while its provider is silent. */
const requests: Readonly<
  Record<
    Exclude<Transport, 'GraphQL over WebSocket' | 'GraphQL over a single connection'>,
    (model: string) => { readonly path: string; readonly body: object }
  >
> = {
  GraphQL: (model) => ({ path: '/graphql', body: { query: wholeStream, variables: { input: input(model) } } }),
  'GraphQL over multipart': (model) => ({
    path: '/graphql',
    body: { query: wholeStream, variables: { input: input(model) } },
  }),
  REST: (model) => ({
    path: '/v1/chat/completions',
    body: { model: `local/${model}`, messages: [{ role: 'user', content: 'Hello' }], stream: true },
  }),
  Messages: (model) => ({
    path: '/v1/messages',
    body: {
      ...{ model: `local/${model}`, max_tokens: 1_000, stream: true },
      messages: [{ role: 'user', content: 'Hello' }],
    },
  }),
  Responses: (model) => ({
    path: '/v1/responses',
    body: { model: `local/${model}`, input: 'Hello', stream: true },
  }),
};

const serverSentEvents = 'text/event-stream';
const multipart = 'multipart/mixed;boundary=graphql;subscriptionSpec=1.0';

async function open(
  url: string,
  { path, body }: { path: string; body: object },
  accept = serverSentEvents,
): Promise<IncomingMessage> {
  const { hostname, port } = new URL(url);
  const headers = { 'content-type': 'application/json', accept };
  const asking = httpRequest({ hostname, port, path, method: 'POST', headers });
  asking.end(JSON.stringify(body));
  const [response] = await once(asking, 'response');
  return response;
}

describe.each([...faces, ...graphqlTransports])('%s', (face) => {
  // Breakers that one API has opened would refuse the calls of the next.
  let own: RunningGateway;
  beforeAll(async () => {
    own = await openContractGateway();
  });
  afterAll(() => own[Symbol.asyncDispose]());

  const stream = (url: string, model: string, ...fallbacks: string[]) =>
    ask(face, 'after', url, { model: `local/${model}`, fallbacks });
  const whole = (url: string, model: string, ...fallbacks: string[]) =>
    ask(face, 'whole', url, { model: `local/${model}`, fallbacks });

  it.each(['good', answersWhole])('has one answer from its start to its end (%s)', async (model) => {
    const told = await stream(own.url, model);
    expect(told).toMatchObject({ isComplete: true, attempts: [model] });
    expect(told.said).toMatch(/^(Hello!|All at once)$/);
  });

  it.each(breaks)('a stream that breaks (%s) gives what came and ends with its failure', async (model, code) => {
    const asked = provider.requests.length;
    const told = await stream(own.url, model, 'local/good');
    expect(told).toMatchObject({ isComplete: false, said: 'Hello', code, retryable: true });
    // After the first content, no fallback is tried.
    expect(provider.requests.length - asked).toBe(1);
  });

  it.each(failures)('a failure before the first content (%s) is %s', async (model, code, retryable, message) => {
    const places = onlyStreamed.includes(model) ? [stream] : [stream, whole];
    for (const send of places) {
      const told = await send(own.url, model);
      expect(told).toMatchObject({ isComplete: false, said: '', code, retryable });
      expect(told.raw).toMatch(message);
      expect(told.raw).not.toContain('canary');
    }
  });

  it('falls back to the next target, and lists all that were tried', async () => {
    for (const send of [stream, whole]) {
      const told = await send(own.url, 'status-500', 'nobody/x', `local/${answersWhole}`);
      expect(told).toMatchObject({ isComplete: true, attempts: ['status-500', 'x', answersWhole] });
      const failed = await send(own.url, 'status-500', 'local/status-404');
      expect(failed).toMatchObject({ isComplete: false, code: 'TARGETS_EXHAUSTED', retryable: true });
    }
  });

  it('stops a provider that takes too long, and asks the next', async () => {
    await using impatient = await openGateway({ yaml: yaml() });
    const asked = provider.requests.length;
    expect(await stream(impatient.url, 'long-silence', 'local/good')).toMatchObject({
      isComplete: true,
      attempts: ['long-silence', 'good'],
    });
    await provider.requests[asked]?.closed;
    expect(await stream(impatient.url, 'stalls')).toMatchObject({
      isComplete: false,
      ...{ said: 'Hello', code: 'UPSTREAM_TIMEOUT', retryable: true },
    });
    expect(await whole(impatient.url, 'long-silence', 'local/good')).toMatchObject({
      isComplete: false,
      code: 'UPSTREAM_TIMEOUT',
    });
  });

  // On a WebSocket, heartbeats are pings (test/e2e/web-socket.test.ts). On a single connection they are its stream's.
  if (face === 'GraphQL over WebSocket' || face === 'GraphQL over a single connection') return;

  it('forwards the first content at once, and heartbeats while the provider is silent', async () => {
    const isMultipart = face === 'GraphQL over multipart';
    const heartbeat = isMultipart ? '{}\r\n--graphql' : ': ping\n';
    const accept = isMultipart ? multipart : serverSentEvents;
    const response = await open(own.url, requests[face]('silent-after-content'), accept);
    expect(response.headers['content-type']).toContain(accept.split(';')[0]);
    expect(response.headers).toMatchObject({
      'cache-control': expect.stringContaining('no-store, no-transform'),
      'x-accel-buffering': 'no',
    });
    let text = '';
    for await (const piece of response) {
      text += piece.toString();
      if (text.includes('"Hel"') && text.endsWith(heartbeat)) release.shift()?.();
    }
    expect(text.indexOf('"Hel"')).toBeLessThan(text.lastIndexOf(heartbeat));
    expect(text.lastIndexOf(heartbeat)).toBeLessThan(text.indexOf('"lo"'));
  });
});

describe('a stream', () => {
  it('has one answer from its start to its end', async () => {
    const events = await streamed(gateway.url, input('good'));
    expect(events).toMatchObject([
      {
        __typename: 'CompletionStarted',
        id: 'chatcmpl-t',
        provider: 'local',
        model: 'test',
        created: '2025-10-09T08:53:20.000Z',
        isSandbox: false,
      },
      // Content that arrived in one piece is sent in one piece.
      { __typename: 'ContentDelta', text: 'Hello!' },
      {
        __typename: 'CompletionFinished',
        finishReason: 'STOP',
        rawFinishReason: 'stop',
        usage: { inputTokens: 5, outputTokens: 2, totalTokens: 7 },
        attempts: [{ provider: 'local', model: 'good', code: null, status: 200 }],
        warnings: [],
        cost: null,
      },
    ]);
  });

  it.each(breaks)('that breaks (%s) gives what came and ends with CompletionFailed', async (model, code) => {
    const events = await streamed(gateway.url, input(model));
    expect(typesOf(events)).toEqual(['CompletionStarted', 'ContentDelta', 'CompletionFailed']);
    expect(events[1]?.['text']).toBe('Hello');
    expect(events[2]).toMatchObject({ code, retryable: true, provider: 'local', attempts: [{ code, status: 200 }] });
  });

  it('leaves its connection for the next request', async () => {
    const sockets = new Set<unknown>();
    for (let turn = 0; turn < 5; turn++) {
      await streamed(gateway.url, input('good'));
      for (const socket of provider.open) sockets.add(socket);
    }
    expect(sockets.size).toBe(1);
  });

  it('of a provider that does not stream is delivered as events', async () => {
    const events = await streamed(gateway.url, input('whole-instead-of-stream'));
    expect(typesOf(events)).toEqual(['CompletionStarted', 'ContentDelta', 'CompletionFinished']);
  });
});

it('a subscription opens before the provider has sent anything', async () => {
  const response = await open(gateway.url, requests.GraphQL('held-back'));
  const pieces = response[Symbol.asyncIterator]();
  for (let beats = 0; beats < 2; beats++) expect((await pieces.next()).value.toString()).toBe(': ping\n');
  release.shift()?.();
  let text = '';
  for await (const piece of pieces) text += piece.toString();
  expect(text).toContain('"text":"Hel');
});

describe('a failure before the first content', () => {
  it.each(failures)('(%s) is %s, whole and streamed', async (model, code, retryable, message) => {
    const events = await streamed(gateway.url, input(model));
    const expected = { code, retryable, message: expect.stringMatching(message), provider: 'local', model };
    expect(events).toMatchObject([{ __typename: 'CompletionFailed', ...expected }]);
    if (!onlyStreamed.includes(model)) {
      expect(await chat(gateway.url, input(model))).toMatchObject({ __typename: 'ChatFailure', ...expected });
    }
    expect(JSON.stringify(events)).not.toContain('canary');
  });

  it('leaves no connection open, even with an unread body', async () => {
    behaviours['endless-page'] = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).write('<html>');
    };
    const asked = provider.requests.length;
    expect(await chat(gateway.url, input('endless-page'))).toMatchObject({ code: 'UPSTREAM_MALFORMED' });
    await provider.requests[asked]?.closed;
  });

  it('has retryAfterMs where the provider gives it', async () => {
    expect(await chat(gateway.url, input('retry-after-2'))).toMatchObject({ retryAfterMs: 2000 });
  });

  it('of a refused connection is UPSTREAM_UNREACHABLE', async () => {
    const failure = {
      code: 'UPSTREAM_UNREACHABLE',
      retryable: true,
      message: 'The connection to nobody failed (ECONNREFUSED).',
    };
    expect(await chat(gateway.url, { ...input('x'), model: 'nobody/x' })).toMatchObject(failure);
  });

  it.each([
    ['openai/gpt-4o', 'Set OPENAI_API_KEY in .env'],
    ['my-router/auto', 'Set ROUTER_SECRET in .env'],
  ])('of %s without a key is PROVIDER_NOT_CONFIGURED, and says what to set', async (model, hint) => {
    const failure = { code: 'PROVIDER_NOT_CONFIGURED', retryable: false, message: expect.stringContaining(hint) };
    expect(await chat(gateway.url, { ...input('x'), model })).toMatchObject(failure);
  });

  it('falls back to the next target, and lists both', async () => {
    const fallbacks = ['nobody/x', 'local/good'];
    const [started, , finished] = await streamed(gateway.url, input('status-500', { fallbacks }));
    expect(started).toMatchObject({ provider: 'local', model: 'test' });
    expect(finished).toMatchObject({
      attempts: [
        { provider: 'local', model: 'status-500', code: 'UPSTREAM_ERROR', status: 500 },
        { provider: 'nobody', model: 'x', code: 'UPSTREAM_UNREACHABLE', status: null },
        { provider: 'local', model: 'good', code: null, status: 200 },
      ],
    });
  });

  it('of all targets is TARGETS_EXHAUSTED, with the code of each', async () => {
    expect(await chat(gateway.url, input('status-500', { fallbacks: ['local/status-404'] }))).toMatchObject({
      code: 'TARGETS_EXHAUSTED',
      retryable: true,
      attempts: [{ code: 'UPSTREAM_ERROR' }, { code: 'MODEL_NOT_FOUND' }],
    });
  });
});

it('a whole answer that takes too long says which limit ended it', async () => {
  await using impatient = await openGateway({ yaml: yaml() });
  expect(await chat(impatient.url, input('long-silence', { fallbacks: ['local/good'] }))).toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
    message: 'No complete answer within 900 ms (timeouts.totalMs).',
    attempts: [{ model: 'long-silence' }],
  });
});

describe('a whole answer of a model that only streams', () => {
  it('is assembled from a stream', async () => {
    const env = { QWEN_API_KEY: 'k', QWEN_BASE_URL: provider.url };
    await using qwen = await openGateway({ env });
    behaviours['qwq-plus'] = behaviours['good'] ?? (() => {});
    const answer = await chat(qwen.url, { model: 'qwen/qwq-plus', messages: [{ role: 'USER', content: 'Hello' }] });
    expect(answer).toMatchObject({
      __typename: 'Completion',
      text: 'Hello!',
      usage: { totalTokens: 7 },
      finishReason: 'STOP',
    });
    expect(provider.requests.at(-1)?.body).toMatchObject({ stream: true });
  });
});

describe('a request id', () => {
  it('is taken while its request runs and for five minutes after it', async () => {
    const asked = provider.requests.length;
    const first = streamed(gateway.url, input('held-back', { requestId: 'r-1' }));
    await provider.received(asked + 1);
    expect(await streamed(gateway.url, input('good', { requestId: 'r-1' }))).toMatchObject([
      { code: 'DUPLICATE_REQUEST' },
    ]);
    release.shift()?.();
    expect((await first).at(-1)).toMatchObject({ __typename: 'CompletionFinished' });
    expect(await chat(gateway.url, input('good', { requestId: 'r-1' }))).toMatchObject({
      code: 'DUPLICATE_REQUEST',
      retryable: false,
    });
    expect(provider.requests.length - asked).toBe(1);
  });
});

it('never contains the key, not even in the log', () => {
  expect(provider.requests.some(({ headers }) => headers.authorization === 'Bearer sk-canary-0451')).toBe(true);
  expect(JSON.stringify(gateway.log)).not.toContain('canary');
});
