import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { AbortSignalLike } from '../../src/core/abort.ts';
import { anonymous } from '../../src/core/caller.ts';
import type { ChatEvent } from '../../src/core/completion.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { CallFailure, type Gateway } from '../../src/core/gateway.ts';
import { createRestHandler } from '../../src/rest/handler.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { noKeptStreams } from '../support/no-kept-streams.ts';
import { completeStream, foldChunks, readEvents } from '../support/rest-client.ts';
import { toSource } from '../support/to-poll-stream.ts';

/** The handler behind a real socket, with a scripted gateway and a fake clock. */

type Said = AsyncIterable<readonly ChatEvent[]>;

let server: Server | undefined;
/** The handler's promise for the last request. */
let handled: Promise<void> | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(
  stream: (signal: AbortSignalLike) => Promise<Said>,
  clock: FakeClock = createFakeClock(),
): Promise<string> {
  const gateway: Gateway = {
    models: [],
    embeddingModels: [],
    providers: [],
    routes: [],
    embed: () => Promise.reject(new Error('Not asked')),
    toModelId: (name) => name,
    countTokens: async () => ({ inputTokens: 0, isEstimate: true }),
    health: () => ({ status: 'ready', availableAt: undefined, keys: [] }),
    chat: () => Promise.reject(new Error('Not asked')),
    stream: async (_input, { signal }) => toSource(await stream(signal)),
    kept: noKeptStreams,
  };
  const rest = createRestHandler({ gateway, clock, heartbeatMs: 12_000, onRefused: () => {} });
  server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const leaving = new AbortController();
    response.once('close', () => leaving.abort());
    const { method = '', url: path = '' } = request;
    handled = rest(
      {
        method,
        path,
        url: `http://127.0.0.1${path}`,
        headers: {},
        body,
        caller: anonymous,
        signal: leaving.signal,
        trace: {},
        work: { requestId: 'r-1', calls: 0, isAdmitted: false },
      },
      response,
    );
    await handled;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const started: ChatEvent = {
  type: 'started',
  streamId: 's-1',
  id: 'x-1',
  provider: 'acme',
  model: 'm-2',
  created: new Date(1_760_000_000_500),
  isSandbox: false,
  timeToFirstTokenMs: 4,
  overheadMs: 0.5,
};
const finished: Extract<ChatEvent, { type: 'finished' }> = {
  type: 'finished',
  finishReason: 'stop',
  rawFinishReason: 'end',
  refusal: undefined,
  citations: [],
  usage: {
    inputTokens: 5,
    outputTokens: 2,
    totalTokens: 7,
    cacheReadInputTokens: 3,
    cacheWriteInputTokens: undefined,
    reasoningOutputTokens: 1,
  },
  providerState: undefined,
  cost: undefined,
  warnings: [{ option: 'topP', message: 'acme has no such option; left out' }],
  attempts: [{ provider: 'acme', model: 'm-2', key: 'acme#1', code: undefined, status: 200, durationMs: 9 }],
  latencyMs: 10,
  timeToFirstTokenMs: 4,
  overheadMs: 0.75,
};
const text = (said: string): ChatEvent => ({ type: 'content', text: said });
const request = { model: 'acme/m-2', messages: [{ role: 'user', content: 'Hello' }] };

async function* say(...batches: (readonly ChatEvent[])[]): AsyncGenerator<readonly ChatEvent[]> {
  yield* batches;
}

describe('a stream', () => {
  const chunk = (delta: string, finish = 'null', more = '') =>
    `data: {"id":"x-1","object":"chat.completion.chunk","created":1760000000,"model":"m-2","system_fingerprint":null,"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]${more}}\n\n`;
  const extras =
    ',"x_parley":{"provider":"acme","is_sandbox":false,"finish_reason":"stop","raw_finish_reason":"end","warnings":[{"option":"top_p","message":"acme has no such option; left out"}],"attempts":[{"provider":"acme","model":"m-2","key":"acme#1","code":null,"status":200,"duration_ms":9}],"latency_ms":10,"time_to_first_token_ms":4,"overhead_ms":0.75}';

  it("is byte-equal to OpenAI's format", async () => {
    const call = (argumentsDelta: string): ChatEvent => ({
      type: 'tool_call',
      index: 0,
      id: 'c1',
      name: 'f',
      argumentsDelta,
    });
    const url = await serve(async () =>
      say(
        [started, { type: 'reasoning', text: 'Hm' }, text('Hel')],
        [text('lo'), call('{"a"')],
        [call(':1}'), finished],
      ),
    );
    const { status, headers, text: bytes } = await completeStream(url, request);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-parley-provider': 'acme',
      'x-parley-model': 'm-2',
    });
    expect(bytes).toBe(
      [
        chunk('{"role":"assistant","content":""}'),
        chunk('{"reasoning_content":"Hm"}'),
        chunk('{"content":"Hel"}'),
        chunk('{"content":"lo"}'),
        chunk(
          '{"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{\\"a\\""}}]}',
        ),
        chunk('{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}'),
        chunk('{}', '"stop"', extras),
        'data: [DONE]\n\n',
      ].join(''),
    );
  });

  it('has its usage in a last chunk without choices, on request', async () => {
    const url = await serve(async () => say([started, text('Hello')], [finished]));
    const { text: bytes } = await completeStream(url, { ...request, stream_options: { include_usage: true } });
    const none = ',"usage":null';
    expect(bytes).toBe(
      [
        chunk('{"role":"assistant","content":""}', 'null', none),
        chunk('{"content":"Hello"}', 'null', none),
        chunk('{}', '"stop"', none + extras),
        'data: {"id":"x-1","object":"chat.completion.chunk","created":1760000000,"model":"m-2","system_fingerprint":null,"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":1}}}\n\n',
        'data: [DONE]\n\n',
      ].join(''),
    );
  });

  it('ends with what a message has beside its text', async () => {
    const url = await serve(async () =>
      say([
        started,
        {
          ...finished,
          finishReason: 'content_filter',
          refusal: 'No.',
          citations: [{ url: 'https://a.example', title: undefined, text: 'A passage' }],
          providerState: 'sealed',
        },
      ]),
    );
    const { chunks } = await completeStream(url, request);
    expect(chunks.slice(1)).toMatchObject([
      { choices: [{ delta: { refusal: 'No.' }, finish_reason: null }] },
      {
        choices: [
          {
            delta: {
              annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.example', title: '' } }],
              provider_state: 'sealed',
            },
            finish_reason: 'content_filter',
          },
        ],
        x_parley: { provider_state: 'sealed', citations: [{ url: 'https://a.example', text: 'A passage' }] },
      },
    ]);
  });

  it.each(['error', 'other'] as const)('that ended with "%s" does not look complete', async (finishReason) => {
    const url = await serve(async () => say([started, text('Hel'), { ...finished, finishReason }]));
    expect(foldChunks((await completeStream(url, request)).chunks)).toMatchObject({ finish_reason: finishReason });
  });

  it('round-trips any text', async () => {
    let pieces: string[] = [];
    const url = await serve(async () => say([started], ...pieces.map((piece) => [text(piece)]), [finished]));
    const nasty = ['\n', '\r', '\r\n\r\n', 'data: [DONE]\n\n', ': ping\n', 'event: error\n', '\0', '\u2028', '\u2029'];
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...nasty, '\ud800', '\udc00', '\ufeff', '"}'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (written) => {
        pieces = written;
        const { chunks } = await completeStream(url, request);
        expect(foldChunks(chunks)['content']).toBe(written.join(''));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a silent provider', () => {
  /** Sends a request, and waits until the gateway is called. */
  async function ask(): Promise<Waiting> {
    const clock = createFakeClock();
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<Said>();
    const url = await serve((signal) => {
      signal.addEventListener('abort', () => answer.reject(failure));
      asked.resolve();
      return answer.promise;
    }, clock);
    const asking = httpRequest(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    asking.on('error', () => {});
    asking.end(JSON.stringify({ ...request, stream: true }));
    const response = once(asking, 'response').then(([first]): IncomingMessage => first);
    response.catch(() => {});
    await asked.promise;
    return { clock, answer, response, leave: () => asking.destroy() };
  }
  type Waiting = {
    readonly clock: FakeClock;
    readonly answer: PromiseWithResolvers<Said>;
    readonly response: Promise<IncomingMessage>;
    leave(): void;
  };

  const failure = new CallFailure({
    error: new GatewayError('UPSTREAM_RATE_LIMITED', 'acme says: slow down.', { retryAfterMs: 1200 }),
    provider: 'acme',
    model: 'm-2',
    attempts: [],
    usage: undefined,
    cost: undefined,
    latencyMs: 10,
    timeToFirstTokenMs: undefined,
    overheadMs: 0.5,
  });

  it('may fail within ten seconds with an HTTP status of its own', async () => {
    const { clock, answer, response } = await ask();
    clock.pass(9_999);
    answer.reject(failure);
    const { statusCode, headers } = await response;
    expect([statusCode, headers['retry-after'], headers['retry-after-ms']]).toEqual([429, '2', '1200']);
    expect(clock.waiting).toBe(0);
  });

  it('causes heartbeats from then on, and its failure is an event', async () => {
    const { clock, answer, response } = await ask();
    clock.pass(10_000);
    const opened = await response;
    expect(opened.statusCode).toBe(200);
    expect(opened.headers['x-parley-provider']).toBeUndefined();
    const pieces = opened[Symbol.asyncIterator]();
    expect((await pieces.next()).value.toString()).toBe(': ping\n');
    clock.pass(12_000);
    expect((await pieces.next()).value.toString()).toBe(': ping\n');
    answer.reject(failure);
    const [event] = readEvents(await restOf(pieces));
    expect(event).toEqual({
      error: {
        message: 'acme says: slow down.',
        type: 'rate_limit_error',
        param: null,
        code: 'rate_limit_exceeded',
        x_parley: {
          code: 'UPSTREAM_RATE_LIMITED',
          retryable: true,
          retry_after_ms: 1200,
          provider: 'acme',
          model: 'm-2',
          attempts: [],
          latency_ms: 10,
          overhead_ms: 0.5,
          issues: [],
        },
      },
    });
    expect(clock.waiting).toBe(0);
  });

  it('causes them in the middle of a stream too, twelve seconds after its last event', async () => {
    const { clock, answer, response } = await ask();
    const more = Promise.withResolvers<readonly ChatEvent[]>();
    answer.resolve(
      (async function* () {
        yield [started, text('Hel')];
        yield await more.promise;
      })(),
    );
    const pieces = (await response)[Symbol.asyncIterator]();
    expect((await pieces.next()).value.toString()).toContain('"Hel"');
    clock.pass(11_999);
    clock.pass(1);
    expect((await pieces.next()).value.toString()).toBe(': ping\n');
    more.resolve([text('lo'), finished]);
    const rest = await restOf(pieces);
    expect(foldChunks(readEvents(rest))).toMatchObject({ content: 'lo', finish_reason: 'stop' });
    expect(rest).not.toContain('ping');
    expect(clock.waiting).toBe(0);
  });

  it('is cancelled when the client disconnects', async () => {
    const { clock, leave } = await ask();
    leave();
    await handled;
    expect(clock.waiting).toBe(0);
  });
});

async function restOf(pieces: AsyncIterator<Buffer>): Promise<string> {
  let text = '';
  for (let { done, value } = await pieces.next(); !done; { done, value } = await pieces.next())
    text += value.toString();
  return text;
}

describe('a client that does not read', () => {
  it('pauses the provider, gets no heartbeats, and receives everything in the end', async () => {
    const clock = createFakeClock();
    const batches = 40;
    let pulled = 0;
    const said = 'x'.repeat(1_000_000);
    const url = await serve(async () => {
      return (async function* () {
        yield [started];
        for (; pulled < batches; pulled++) yield [text(said)];
        yield [finished];
      })();
    }, clock);
    const asking = httpRequest(`${url}/v1/chat/completions`, { method: 'POST', agent: false });
    asking.end(JSON.stringify({ ...request, stream: true }));
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    response.pause();
    const stalledAt = await settled(url, () => pulled);
    expect(stalledAt).toBeLessThan(batches / 2);
    for (let beats = 0; beats < 10; beats++) clock.pass(12_000);
    const bytes = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString();
    expect(pulled).toBe(batches);
    expect(bytes.includes(': ping')).toBe(false);
    expect(foldChunks(readEvents(bytes))['content']).toHaveLength(batches * said.length);
  });

  /** The value at which a number settles, within the time of a dozen other requests. */
  async function settled(url: string, count: () => number): Promise<number> {
    for (let last = -1; last !== count(); ) {
      last = count();
      for (let turn = 0; turn < 12; turn++) await fetch(`${url}/v1/models`);
    }
    return count();
  }
});
