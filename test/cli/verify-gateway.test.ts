import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CheckResult, checkModel } from '../../src/cli/verify/check.ts';
import { createGatewayClient } from '../../src/cli/verify/client.ts';
import { findingCodes } from '../../src/cli/verify/finding.ts';
import { Secret } from '../../src/core/secret.ts';
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** Gateways that violate the API, each in one way, over real sockets. */

const identity = { id: 'c-1', provider: 'local', model: 'm', isSandbox: false };
const ending = {
  finishReason: 'STOP',
  rawFinishReason: 'stop',
  usage: { inputTokens: 5, outputTokens: 2 },
  cost: { total: 0.1 },
};
const completion = { __typename: 'Completion', ...identity, text: 'Hello!', toolCalls: [], ...ending };
const started = { __typename: 'CompletionStarted', ...identity };
const delta = { __typename: 'ContentDelta', text: 'Hello!' };
const finished = { __typename: 'CompletionFinished', ...ending };
const failed = { __typename: 'CompletionFailed', code: 'UPSTREAM_OVERLOADED', message: 'Try later.' };

const complete = 'event: complete\ndata:\n\n';
const next = (result: unknown) => `event: next\ndata: ${JSON.stringify(result)}\n\n`;
const told = (...events: object[]) => events.map((chatStream) => next({ data: { chatStream } })).join('');

/** The current answer of the gateway. */
let whole: (response: ServerResponse) => void;
let stream: (response: ServerResponse) => void;
const answers = (chat: object) => (response: ServerResponse) => sendJson(response, 200, { data: { chat } });
const streams = (body: string) => (response: ServerResponse) =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(body);

let gateway: ProviderServer;
beforeAll(async () => {
  gateway = await startProvider(({ headers }, response) =>
    headers.accept === 'application/json' ? whole(response) : stream(response),
  );
});
afterAll(() => gateway.close());

async function verifyGateway(): Promise<CheckResult[]> {
  const client = createGatewayClient(new URL(`${gateway.url}/graphql`), new Secret('k'));
  const model = { id: 'local/m', provider: 'local', isSandbox: false, maxOutputTokens: null, features: [] };
  const { signal } = new AbortController();
  return await Array.fromAsync(checkModel(model, { client, timeoutMs: 10_000, signal, onBegin: () => {} }));
}

it('a gateway that follows the API passes', async () => {
  whole = answers(completion);
  stream = streams(`:\n\n${told(started, delta, { __typename: 'ReasoningDelta' }, finished)}${complete}`);
  const results = await verifyGateway();
  expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
  expect(results[1]?.firstTokenMs).toBeLessThanOrEqual(results[1]?.durationMs ?? 0);
});

it.each<[string, object, string, RegExp]>([
  ['without an id', { ...completion, id: '' }, 'ANSWER_MALFORMED', /^chat\.id: /],
  ['without a finish reason', { ...completion, finishReason: null }, 'ANSWER_MALFORMED', /^chat\.finishReason: /],
  ['of white space', { ...completion, text: ' \n' }, 'ANSWER_EMPTY', /neither text nor tool calls \(STOP\)/],
  ['of reasoning alone', { ...completion, text: '', finishReason: 'LENGTH' }, 'ANSWER_EMPTY', /reasoning used all/],
  [
    'of another provider',
    { ...completion, provider: 'other' },
    'WRONG_TARGET',
    /local was requested, and other answered/,
  ],
  ['of an unlisted sandbox', { ...completion, isSandbox: true }, 'WRONG_TARGET', /listed as real, .* sandboxed/],
  ['cut by a filter', { ...completion, finishReason: 'CONTENT_FILTER' }, 'BAD_FINISH', /CONTENT_FILTER/],
  ['without counts', { ...completion, usage: { inputTokens: 5, outputTokens: null } }, 'USAGE_MISSING', /token usage/],
  ['that is a failure', { ...failed, __typename: 'ChatFailure' }, 'UPSTREAM_OVERLOADED', /^Try later\.$/],
])('a whole answer %s is found', async (_what, chat, code, message) => {
  whole = answers(chat);
  stream = streams(told(started, delta, finished) + complete);
  const [result, streamed] = await verifyGateway();
  expect(result?.error).toMatchObject({ code, message: expect.stringMatching(message) });
  expect(streamed?.error).toBeUndefined();
});

it.each<[string, string, string, RegExp]>([
  ['goes on after its end', told(started, delta, finished, delta) + complete, 'STREAM_DISORDERED', /after the end/],
  ['ends twice', told(started, delta, finished, finished) + complete, 'STREAM_DISORDERED', /after the end/],
  ['starts twice', told(started, started, delta, finished) + complete, 'STREAM_DISORDERED', /started twice/],
  ['starts late', told(delta, started, finished) + complete, 'STREAM_DISORDERED', /before CompletionStarted/],
  ['never starts', told(finished) + complete, 'STREAM_DISORDERED', /finished without CompletionStarted/],
  ['has no last event', told(started, delta) + complete, 'STREAM_DISORDERED', /without CompletionFinished/],
  ['fails', told(started, delta, failed) + complete, 'UPSTREAM_OVERLOADED', /Try later/],
  ['says nothing', told(started, finished) + complete, 'ANSWER_EMPTY', /neither/],
  ['is not completed', told(started, delta, finished), 'GATEWAY_UNREACHABLE', /ended before its "complete"/],
  ['has an empty delta', told(started, { ...delta, text: '' }) + complete, 'ANSWER_MALFORMED', /chatStream\.text/],
  ['has an unknown event', told(started, { __typename: 'Surprise' }) + complete, 'ANSWER_MALFORMED', /__typename/],
  ['is no JSON', `event: next\ndata: Hello\n\n${complete}`, 'GATEWAY_REFUSED', /not an answer of a gateway/],
  [
    'turns into an error',
    told(started) + next({ errors: [{ message: 'Oops' }] }) + complete,
    'GATEWAY_REFUSED',
    /HTTP 200: Oops/,
  ],
  ['has no cost', told(started, delta, { ...finished, cost: null }) + complete, 'STREAM_DIFFERS', /the whole one/],
])('a stream that %s is found', async (_what, body, code, message) => {
  whole = answers(completion);
  stream = streams(body);
  const [result, streamed] = await verifyGateway();
  expect(result?.error).toBeUndefined();
  expect(streamed?.error).toMatchObject({ code, message: expect.stringMatching(message) });
});

it.each<[string, (response: ServerResponse) => void, RegExp]>([
  ['a web page', (response) => void response.writeHead(502).end('<html>'), /^HTTP 502: not an answer of a gateway$/],
  ['a redirect', (response) => void response.writeHead(302, { location: '/graphql' }).end(), /^HTTP 302: /],
  ['a refusal', (response) => sendJson(response, 429, { errors: [{ message: 'Slow down' }] }), /^HTTP 429: Slow down$/],
  ['a refusal of the key', (response) => sendJson(response, 401, { errors: [{ message: 'Who?' }] }), /PARLEY_KEY/],
])('%s instead of any answer is found, and followed nowhere', async (_what, answer, message) => {
  whole = answer;
  stream = answer;
  const asked = gateway.requests.length;
  for (const { error } of await verifyGateway()) {
    expect(error).toMatchObject({ code: 'GATEWAY_REFUSED', message: expect.stringMatching(message) });
  }
  expect(gateway.requests.length - asked).toBe(2);
});

it('every finding is in docs/verify.md', () => {
  const manual = readFileSync(new URL('../../docs/verify.md', import.meta.url), 'utf8');
  const rows = [...manual.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(rows).toEqual([...findingCodes]);
});

it('a broken connection is found', async () => {
  whole = (response) => void response.destroy();
  stream = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(told(started, delta), () => response.destroy());
  };
  for (const { error } of await verifyGateway()) expect(error).toMatchObject({ code: 'GATEWAY_UNREACHABLE' });
});
