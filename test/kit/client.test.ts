import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ChatError, type ChatEvent, createParley, tool } from '../../packages/client/src/client.ts';
import { documentIds } from '../../packages/client/src/document-ids.ts';
import * as documents from '../../packages/client/src/documents.ts';
import { callerKey } from '../support/caller-keys.ts';
import { type CutProxy, startCutProxy } from '../support/cut-proxy.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { openAiStream, type ProviderServer, sendJson, sendStream, startProvider } from '../support/provider-server.ts';
import { openToolScriptsGateway } from '../support/tool-scripts-gateway.ts';

/** parley-client against real gateways, over connections that break. */

const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
const messages = [{ role: 'USER' as const, content: 'Hello' }];
const toEvent = (delta: object) => `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta }] })}\n\n`;

let provider: ProviderServer;
let gateway: RunningGateway;
let proxy: CutProxy;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['model'] === 'failing') return sendJson(response, 400, { error: { message: 'No', code: 'bad' } });
    if (body['model'] !== 'endless') return sendStream(response, openAiStream(words));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const talk = setInterval(() => response.write(toEvent({ content: 'word ' })), 5);
    response.once('close', () => clearInterval(talk));
  });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
  proxy = await startCutProxy(gateway.url);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const parley = () => createParley({ url: `${gateway.url}/graphql` });
const throughProxy = () => createParley({ url: `${proxy.url}/graphql` });
const failureOf = (promise: Promise<unknown>): Promise<ChatError> =>
  promise.then(
    () => Promise.reject(new Error('It did not fail')),
    (thrown) => (thrown instanceof ChatError ? thrown : Promise.reject(thrown)),
  );
/** The last request of the provider, once its connection has closed. */
const lastClosed = () => provider.requests.at(-1)?.closed;

describe('a stream', () => {
  const input = { model: 'local/counting', messages };

  it('is events, text or a whole answer, and they are the same', async () => {
    const types: string[] = [];
    let text = '';
    for await (const event of parley().stream(input)) {
      types.push(event.__typename);
      if (event.__typename === 'ContentDelta') text += event.text;
    }
    expect([types[0], types.at(-1)]).toEqual(['CompletionStarted', 'CompletionFinished']);
    expect(text).toBe(words.join(''));
    let pieces = '';
    for await (const piece of parley().stream(input).text()) pieces += piece;
    expect(pieces).toBe(text);
    const whole = await parley().stream(input).toCompletion();
    expect(whole).toMatchObject({ text, finishReason: 'STOP', provider: 'local', toolCalls: [], reasoning: null });
  });

  it('is exact wherever the connection breaks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 4_000 }), async (bytes) => {
        proxy.cutAfter(bytes);
        const lost: boolean[] = [];
        const asked = provider.requests.length;
        const onReconnect = (isLost: boolean) => {
          lost.push(isLost);
          proxy.cutAfter(Number.POSITIVE_INFINITY);
        };
        const { text } = await throughProxy().stream(input, { onReconnect }).toCompletion();
        expect(text).toBe(words.join(''));
        expect(lost).toEqual(lost.length === 0 ? [] : [true, false]);
        // The provider was asked once, unless nothing had reached the gateway.
        expect(provider.requests.length - asked).toBe(1);
      }),
      { numRuns: 12, examples: [[0], [1], [300], [1_000]] },
    );
    proxy.cutAfter(Number.POSITIVE_INFINITY);
  });

  it('goes on in another client', async () => {
    const first = parley().stream({ ...input, model: 'local/endless' });
    let seen = 0;
    for await (const event of first) {
      if (event.__typename === 'ContentDelta' && ++seen === 3) first.detach();
    }
    const { position } = first;
    if (!position) throw new Error('It has a position');
    const second = parley().resume(position);
    for await (const event of second) {
      if (event.__typename === 'ContentDelta') break;
    }
    await lastClosed();
    expect(second.position?.streamId).toBe(position.streamId);
  });

  it('stops the provider by stop()', async () => {
    const endless = parley().stream({ ...input, model: 'local/endless' });
    for await (const event of endless) if (event.__typename === 'ContentDelta') endless.stop();
    await lastClosed();
  });

  it('stops the provider by leaving the loop', async () => {
    for await (const event of parley().stream({ ...input, model: 'local/endless' })) {
      if (event.__typename === 'ContentDelta') break;
    }
    await lastClosed();
  });

  it('stops the provider where its signal aborts, and throws the reason', async () => {
    const abort = new AbortController();
    const answer = parley()
      .stream({ ...input, model: 'local/endless' }, { signal: abort.signal })
      .toCompletion((event) => event.__typename === 'ContentDelta' && abort.abort(new Error('Enough')));
    await expect(answer).rejects.toThrow('Enough');
    await lastClosed();
  });

  it('that was stopped has no whole answer', async () => {
    const endless = parley().stream({ ...input, model: 'local/endless' });
    const answer = endless.toCompletion((event) => event.__typename === 'ContentDelta' && endless.stop());
    expect(await failureOf(answer)).toMatchObject({ code: 'CANCELLED', partialText: expect.stringContaining('word') });
  });

  it('that failed is an event, and an error of text() and toCompletion()', async () => {
    const failing = { ...input, model: 'local/failing' };
    const events: ChatEvent[] = [];
    for await (const event of parley().stream(failing)) events.push(event);
    expect(events).toMatchObject([{ __typename: 'CompletionFailed', code: 'UPSTREAM_REJECTED' }]);
    expect(await failureOf(parley().stream(failing).toCompletion())).toMatchObject({
      code: 'UPSTREAM_REJECTED',
      retryable: false,
      attempts: [{ provider: 'local', model: 'failing' }],
    });
    expect(await failureOf(parley().chat(failing))).toMatchObject({ code: 'UPSTREAM_REJECTED' });
  });

  it('is read once', async () => {
    const stream = parley().stream(input);
    await stream.toCompletion();
    await expect(stream.toCompletion()).rejects.toThrow(TypeError);
  });

  it('streams where the gateway keeps no streams', async () => {
    await using strict = await openGateway({ yaml: localProvider(provider.url, 'resume: { allow: [] }\n') });
    const asked = provider.requests.length;
    const { text } = await createParley({ url: `${strict.url}/graphql` })
      .stream(input)
      .toCompletion();
    expect(text).toBe(words.join(''));
    expect(provider.requests.length - asked).toBe(1);
  });

  it('with STOP is stopped by its connection alone, without another request', async () => {
    const sent: string[] = [];
    const counting: typeof fetch = (url, init) => {
      sent.push(String(init?.body).slice(0, 40));
      return fetch(url, init);
    };
    const client = createParley({ url: `${gateway.url}/graphql`, fetch: counting });
    for await (const event of client.stream({ ...input, model: 'local/endless', onDisconnect: 'STOP' })) {
      if (event.__typename === 'ContentDelta') break;
    }
    await lastClosed();
    expect(sent).toHaveLength(1);
  });

  it('of a gateway that is not there fails after a few attempts', async () => {
    const nobody = createParley({ url: 'http://127.0.0.1:9/graphql' });
    expect(await failureOf(nobody.chat(input))).toMatchObject({ code: 'NETWORK_ERROR', retryable: true });
    const lost: boolean[] = [];
    const answer = nobody.stream(input, { onReconnect: (isLost) => lost.push(isLost) }).toCompletion();
    expect(await failureOf(answer)).toMatchObject({ code: 'NETWORK_ERROR' });
    expect(lost.length).toBeGreaterThan(1);
  });
});

describe('runTools', () => {
  it.each(['openai/gpt-4o', 'anthropic/claude-sonnet-4-5', 'google/gemini-2.5-flash'])(
    'runs what %s calls and returns its conclusion',
    async (model) => {
      const scripted = await openToolScriptsGateway();
      const asked: unknown[] = [];
      const lookUp = tool({
        description: 'The weather of a city.',
        parameters: z.object({ city: z.string() }),
        execute: ({ city }) => {
          asked.push(city);
          return { celsius: 21 };
        },
      });
      const tools = { get_weather: lookUp };
      const client = createParley({ url: `${scripted.gateway.url}/graphql` });
      const run = await client.runTools({ model, messages, tools });
      expect(run.steps).toHaveLength(2);
      expect(run.steps[0]?.toolCalls.length).toBe(2);
      expect(asked.length).toBeGreaterThan(0);
      expect(run.completion.text).not.toBe('');
      expect(run.messages.map(({ role }) => role)).toEqual(['USER', 'ASSISTANT', 'TOOL', 'TOOL', 'ASSISTANT']);
      await scripted.close();
    },
  );
});

describe('with the sandbox', () => {
  let sandbox: RunningGateway;
  beforeAll(async () => {
    sandbox = await openGateway({ yaml: 'sandbox: { firstTokenMs: 0, tokensPerSecond: 0 }\n' });
  });
  afterAll(() => sandbox[Symbol.asyncDispose]());
  const client = () => createParley({ url: `${sandbox.url}/graphql` });

  it('object() gives typed snapshots and the whole value', async () => {
    const schema = z.object({ name: z.string(), tags: z.array(z.string()) });
    const input = { model: 'openai/gpt-4o', messages, schema };
    const value = await client().object(input).toObject();
    expect(schema.parse(value)).toEqual(value);
    const snapshots: unknown[] = [];
    for await (const snapshot of client().object(input)) snapshots.push(snapshot.name?.length, snapshot);
    expect(snapshots.at(-1)).toEqual(value);
  });

  it('object() has the issues of a refinement that the gateway cannot check', async () => {
    const schema = z.object({ name: z.string().refine(() => false, 'Never') });
    const value = client().object({ model: 'openai/gpt-4o', messages, schema }).toObject();
    expect(await failureOf(value)).toMatchObject({
      code: 'OUTPUT_INVALID',
      issues: [{ path: 'name', message: 'Never' }],
    });
  });

  it('chat, embed and models', async () => {
    expect(await client().chat({ model: 'openai/gpt-4o', messages })).toMatchObject({
      isSandbox: true,
      finishReason: 'STOP',
    });
    const { vectors, dimensions } = await client().embed({ model: 'openai/text-embedding-3-small', input: ['a', 'b'] });
    expect(vectors.map(({ values }) => values.length)).toEqual([dimensions, dimensions]);
    const models = await client().models({ provider: 'openai' });
    expect(models.length).toBeGreaterThan(0);
    expect(await failureOf(client().chat({ model: 'nowhere/x', messages }))).toMatchObject({
      code: 'UNKNOWN_PROVIDER',
    });
    expect(await failureOf(client().chat({ model: 'openai/gpt-4o', messages: [] }))).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ path: 'messages' }],
    });
  });
});

it('works with a key that runs known documents only', async () => {
  const { key, entry } = callerKey('browser', 'persistedOnly: true');
  const manifest = readFileSync(new URL('../../packages/client/persisted-operations.json', import.meta.url), 'utf8');
  await using closed = await openGateway({
    yaml: `sandbox: { firstTokenMs: 0, tokensPerSecond: 0 }\ngraphql: { persistedOperations: operations.json }\ncallers: [${entry}]\n`,
    files: { 'operations.json': manifest },
  });
  const url = `${closed.url}/graphql`;
  const headers = () => ({ authorization: `Bearer ${key}` });
  const input = { model: 'openai/gpt-4o', messages };
  expect((await createParley({ url, headers, documentIds }).stream(input).toCompletion()).finishReason).toBe('STOP');
  expect((await createParley({ url, headers, documentIds }).chat(input)).finishReason).toBe('STOP');
  expect(await failureOf(createParley({ url, headers }).chat(input))).toMatchObject({ code: 'PERSISTED_ONLY' });
  expect(await failureOf(createParley({ url }).chat(input))).toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(await failureOf(createParley({ url }).stream(input).toCompletion())).toMatchObject({
    code: 'UNAUTHENTICATED',
  });
});

it('has the ids of its documents, as they are', () => {
  const manifest = JSON.parse(
    readFileSync(new URL('../../packages/client/persisted-operations.json', import.meta.url), 'utf8'),
  );
  const operations = Object.values(documents).filter((document) => /^(query|mutation|subscription) /.test(document));
  const ids = operations.map((document) => createHash('sha256').update(document).digest('hex'));
  expect(operations.map((document) => documentIds[document])).toEqual(ids);
  expect(manifest).toEqual(Object.fromEntries(ids.map((id, index) => [id, operations[index]])));
});
