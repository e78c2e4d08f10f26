import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';

/** `x-request-id` of a response is the `requestId` of its line in the log. */

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const model = 'openai/gpt-4o-mini';
const input = { model, messages: [{ role: 'USER', content: 'Hello' }] };
const messages = [{ role: 'user', content: 'Hello' }];

async function idOf(path: string, body?: object, accept = 'application/json'): Promise<string> {
  const response = await fetch(`${gateway.url}${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
    headers: { 'content-type': 'application/json', accept },
  });
  await response.text();
  return response.headers.get('x-request-id') ?? expect.fail('No id');
}

const logged = (field: 'requestId' | 'callId', id: string) =>
  expect.poll(() => gateway.calls.filter(({ fields }) => fields[field] === id).length).toBe(1);

const kept = { ...input, onDisconnect: 'FINISH' };
it.each<[string, string, object, string]>([
  ['chat', '/graphql', { query: wholeChat, variables: { input } }, 'application/json'],
  ['chatStream', '/graphql', { query: wholeStream, variables: { input } }, 'text/event-stream'],
  ['a kept chatStream', '/graphql', { query: wholeStream, variables: { input: kept } }, 'text/event-stream'],
  ['Chat Completions', '/v1/chat/completions', { model, messages }, 'application/json'],
  ['Chat Completions, streamed', '/v1/chat/completions', { model, messages, stream: true }, 'application/json'],
  ['Messages', '/v1/messages', { model, messages, max_tokens: 9 }, 'application/json'],
  ['Responses', '/v1/responses', { model, input: 'Hello' }, 'application/json'],
  ['embeddings', '/v1/embeddings', { model: 'openai/text-embedding-3-small', input: 'Hello' }, 'application/json'],
])('of %s', async (_what, path, body, accept) => {
  await logged('requestId', await idOf(path, body, accept));
});

it('of a call with a key of its own is in the line beside it', async () => {
  await logged(
    'callId',
    await idOf('/graphql', { query: wholeChat, variables: { input: { ...input, requestId: 'a' } } }),
  );
  expect(await idOf('/v1/chat/completions', { model, messages, request_id: 'b' })).toBe('b');
});

it('is on every response', async () => {
  const paths = ['/', '/healthz', '/nothing', '/v1/models', '/v1/nothing'];
  const ids = await Promise.all(paths.map((path) => idOf(path)));
  expect(new Set(ids).size).toBe(paths.length);
});
