import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';
import { streamedOverMultipart } from '../support/multipart-client.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/** Apollo's multipart protocol for subscriptions, byte by byte. Its own client runs the stream contract. */

const apollo =
  'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/graphql-response+json,application/json;q=0.9';
const input = (model: string) => ({ model, messages: [{ role: 'USER', content: 'Hello' }] });
let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['stream'] !== true) return sendJson(response, 200, openAiAnswer('Hello'));
    if (body['model'] === 'x') return sendStream(response, openAiStream(['Hel', 'lo']));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const piece = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
    const talk = setInterval(() => response.write(piece), 10);
    response.once('close', () => clearInterval(talk));
  });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await provider?.close();
});

const post = (query: string, variables: object, accept = apollo, signal?: AbortSignal) =>
  fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query, variables }),
    ...(signal && { signal }),
  });

it('sends each event as a part, with the boundary that ends it', async () => {
  const response = await post(wholeStream, { input: input('local/x') });
  expect(response.headers.get('content-type')).toBe('multipart/mixed;boundary="graphql";subscriptionSpec=1.0');
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
  const text = await response.text();
  const parts = text.split('\r\n--graphql');
  expect(parts[0]).toBe('');
  expect(parts.at(-1)).toBe('--\r\n');
  const events = parts.slice(1, -1).map((part) => {
    const [head, body = ''] = part.split('\r\n\r\n');
    expect(head).toBe('\r\ncontent-type: application/json');
    return JSON.parse(body);
  });
  const payloads = events
    .filter((event) => 'payload' in event)
    .map(({ payload }) => payload.data.chatStream.__typename);
  expect(payloads[0]).toBe('CompletionStarted');
  expect(payloads.at(-1)).toBe('CompletionFinished');
  for (const event of events) if (!('payload' in event)) expect(event).toEqual({});
});

it('gives Apollo Client the events of server-sent ones', async () => {
  const events = await streamedOverMultipart(gateway.url, wholeStream, input('local/x'));
  expect(events.map((event) => event['text'] ?? '').join('')).toBe('Hello');
  expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFinished' });
});

it('stops the provider when the client leaves', async () => {
  const leaving = new AbortController();
  const response = await post(wholeStream, { input: input('local/endless') }, apollo, leaving.signal);
  await response.body?.getReader().read();
  leaving.abort();
  await provider.requests.at(-1)?.closed;
});

describe('a client that accepts it', () => {
  it('gets JSON for queries, and for a subscription that cannot begin', async () => {
    const whole = await post(wholeChat, { input: input('local/x') });
    expect(whole.headers.get('content-type')).toContain('application/graphql-response+json');
    for (const [query, variables] of [
      ['subscription { nothing }', {}],
      [wholeStream, { input: { model: 5 } }],
    ] as const) {
      const refused = await post(query, variables);
      expect(refused.headers.get('content-type')).toContain('json');
      expect(await refused.json()).toHaveProperty('errors.0.message', expect.any(String));
    }
  });

  it('is not one that accepts @defer only', async () => {
    const response = await post(wholeStream, { input: input('local/x') }, 'multipart/mixed;deferSpec=20220824');
    expect(response.status).toBe(406);
  });
});
