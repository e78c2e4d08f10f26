import { describe, expect, it } from 'vitest';
import type { Codec } from '../../src/core/adapter.ts';
import type { FailureCode } from '../../src/core/errors.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { decodeBatches } from '../../src/core/stream.ts';
import { serverSentEvents } from '../../src/upstream/sse.ts';
import { recordings } from '../support/recordings.ts';
import { inPieces } from '../support/replay.ts';
import { wireNamed, wires } from '../support/wires.ts';

/** Failures with HTTP 200: instead of an answer, as the first event of a stream, or after a part of it. */

type Told = {
  readonly body: unknown;
  readonly code: FailureCode;
  /** Missing where there is none and none can be generated. */
  readonly status?: number;
  readonly retryable: boolean;
};

const overloaded = { code: 'UPSTREAM_OVERLOADED', retryable: true } as const;
const limited = { code: 'UPSTREAM_RATE_LIMITED', retryable: true } as const;
const openAi = (code: unknown, message = 'Oops') => ({ error: { message, type: 'x', param: null, code } });
const failed = (code: string) => ({
  object: 'response',
  status: 'failed',
  output: [],
  error: { code, message: 'Oops' },
});
const anthropic = (type: string) => ({ type: 'error', error: { type, message: 'Oops' }, request_id: 'r' });

const failures: Readonly<Record<string, readonly Told[]>> = {
  openai: [
    { body: openAi('rate_limit_exceeded'), ...limited, status: 200 },
    { body: openAi('insufficient_quota'), code: 'UPSTREAM_BILLING', retryable: false, status: 200 },
    { body: openAi('server_error'), code: 'UPSTREAM_ERROR', retryable: true, status: 200 },
    { body: openAi('429'), ...limited, status: 429 },
    { body: { error: 'Oops' }, code: 'UPSTREAM_ERROR', retryable: true, status: 200 },
  ],
  'openai-responses': [
    { body: failed('rate_limit_exceeded'), ...limited, status: 200 },
    { body: failed('insufficient_quota'), code: 'UPSTREAM_BILLING', retryable: false, status: 200 },
    { body: failed('server_error'), code: 'UPSTREAM_ERROR', retryable: true, status: 200 },
    { body: failed('server_is_overloaded'), ...overloaded, status: 200 },
    { body: failed('invalid_prompt'), code: 'CONTENT_FILTERED', retryable: false, status: 400 },
    { body: failed('misalignment_policy_violation'), code: 'CONTENT_FILTERED', retryable: false, status: 200 },
    { body: failed('context_length_exceeded'), code: 'CONTEXT_LENGTH_EXCEEDED', retryable: false, status: 200 },
    { body: failed('invalid_image_url'), code: 'UPSTREAM_REJECTED', retryable: false, status: 400 },
    // As typed in its SDK, and as recorded.
    { body: { type: 'error', code: 'slow_down', message: 'Oops', param: null }, ...overloaded, status: 200 },
    {
      body: { type: 'error', error: { type: 'server_error', code: null, message: 'Oops', param: null } },
      code: 'UPSTREAM_ERROR',
      retryable: true,
      status: 200,
    },
    { body: { object: 'response', status: 'cancelled', output: [] }, code: 'UPSTREAM_ERROR', retryable: true },
    { body: { id: 'c', choices: [{ index: 0, delta: {} }] }, code: 'UPSTREAM_MALFORMED', retryable: false },
  ],
  anthropic: [
    { body: anthropic('overloaded_error'), ...overloaded, status: 529 },
    { body: anthropic('rate_limit_error'), ...limited, status: 429 },
    { body: anthropic('api_error'), code: 'UPSTREAM_ERROR', retryable: true, status: 500 },
    { body: anthropic('invalid_request_error'), code: 'UPSTREAM_REJECTED', retryable: false, status: 400 },
  ],
  mistral: [
    {
      body: { object: 'error', message: 'Slow', type: 'rate_limited', code: '1300', raw_status_code: 429 },
      ...limited,
      status: 429,
    },
    {
      body: { object: 'error', message: 'Service tier capacity exceeded for this model.', raw_status_code: 429 },
      ...overloaded,
      status: 429,
    },
  ],
  cohere: [{ body: { message: 'internal server error' }, code: 'UPSTREAM_ERROR', retryable: true, status: 200 }],
  deepseek: [
    {
      body: openAi('invalid_request_error', 'Content Exists Risk'),
      code: 'CONTENT_FILTERED',
      retryable: false,
      status: 200,
    },
  ],
  xai: [
    {
      body: { code: 'The service is currently unavailable', error: 'Service temporarily unavailable.' },
      ...overloaded,
      status: 200,
    },
  ],
  'xai-responses': [
    { body: { type: 'error', code: 'overloaded_error', message: 'Oops', param: null }, ...overloaded, status: 200 },
    { body: failed('authentication_error'), code: 'UPSTREAM_AUTHENTICATION', retryable: false, status: 200 },
    { body: { code: 'invalid-argument', error: 'Oops' }, code: 'UPSTREAM_REJECTED', retryable: false, status: 400 },
  ],
  google: [
    { body: { error: { code: 503, status: 'UNAVAILABLE', message: 'Oops' } }, ...overloaded, status: 503 },
    { body: [{ error: { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Oops' } }], ...limited, status: 429 },
  ],
  qwen: [
    { body: { code: 'Throttling.AllocationQuota', message: 'Oops', request_id: 'r' }, ...limited, status: 200 },
    { body: openAi('data_inspection_failed'), code: 'CONTENT_FILTERED', retryable: false, status: 200 },
  ],
  ai21: [{ body: openAi(503), ...overloaded, status: 503 }],
  perplexity: [{ body: openAi(500), code: 'UPSTREAM_ERROR', retryable: true, status: 500 }],
  'perplexity-responses': [
    {
      body: { status: 'failed', error: { code: 'internal_error', message: 'Oops', type: 'server_error' }, output: [] },
      code: 'UPSTREAM_ERROR',
      retryable: true,
      status: 200,
    },
    // The error stands beside the response, and not in it.
    { body: { type: 'response.failed', error: { message: 'Oops', type: 'rate_limit' } }, ...limited, status: 200 },
  ],
  deepinfra: [{ body: openAi(null, 'The model is overloaded'), ...overloaded, status: 200 }],
};

const cases = wires.flatMap(({ name, codec }) =>
  (failures[name] ?? []).map((told) => ({ name, codec, json: JSON.stringify(told.body), ...told })),
);

/** The beginning of a recorded answer, up to its second event. */
function beginningOf(wire: string): string {
  const text = recordings.find((recording) => recording.wire === wire)?.stream.toString() ?? '';
  const second = text.indexOf('\ndata:', text.indexOf('data:') + 1) + 1;
  return `${text.slice(0, text.indexOf('\n', second))}\n\n`;
}

/** How many events came, and how it ended. */
async function replay(codec: Codec, text: string, cuts: readonly number[] = []) {
  let count = 0;
  try {
    const body = inPieces(Buffer.from(text), cuts);
    const batches = decodeBatches(codec.decodeStream(), serverSentEvents(body));
    for await (const batch of toAsyncIterable(batches)) count += batch.length;
  } catch (failure) {
    return { count, failure };
  }
  return { count, failure: undefined };
}

describe.each(cases)('$name: $json', ({ name, codec, json, body, code, status, retryable }) => {
  const failure = { name: 'GatewayError', code, retryable, ...(status !== undefined && { status }) };

  it('is thrown where a whole answer was expected', () => {
    expect(() => codec.decode(body)).toThrow(expect.objectContaining(failure));
  });

  it.each([
    ['an event', `data: ${json}\n\n`],
    ['an event without a space', `data:${json}\r\n\r\n`],
    ['a named event', `event: error\ndata: ${json}\n\n`],
    ['bare JSON', json],
    ['bare JSON in lines', `${JSON.stringify(body, null, 2)}\n`],
  ])('ends a stream as %s, first of all and after a part of the answer', async (_form, text) => {
    expect(await replay(codec, text)).toMatchObject({ count: 0, failure });
    const beginning = beginningOf(name);
    for (const cuts of [[], [beginning.length], [beginning.length + 3]]) {
      const told = await replay(codec, beginning + text, cuts);
      expect(told).toMatchObject({ failure });
      expect(told.count).toBeGreaterThan(0);
    }
  });
});

it('has a failure on every wire', () => {
  expect(Object.keys(failures).sort()).toEqual(wires.map(({ name }) => name).sort());
});

describe('qwen', () => {
  const qwen = wireNamed('qwen').codec;

  it.each([
    [429, 'Throttling.AllocationQuota', 'UPSTREAM_RATE_LIMITED', true],
    [400, 'DataInspectionFailed', 'CONTENT_FILTERED', false],
    [400, 'InvalidParameter', 'UPSTREAM_REJECTED', false],
    [500, 'InternalError', 'UPSTREAM_ERROR', true],
  ])('tells the status %d of %s in a comment', async (status, code, expected, retryable) => {
    const frame = `id:1\nevent:error\n:HTTP_STATUS/${status}\ndata:{"code":"${code}","message":"Oops"}\n\n`;
    const failure = { code: expected, status, retryable, message: `qwen responded with HTTP ${status}: Oops` };
    expect(await replay(qwen, frame)).toMatchObject({ count: 0, failure });
    expect(await replay(qwen, beginningOf('qwen') + frame)).toMatchObject({ failure });
  });
});

describe.each(wires)('a stream of $name', ({ name, codec }) => {
  it.each([
    ['empty', ''],
    ['a web page', '<!DOCTYPE html>\n<html>\n\n<body>Hello</body></html>'],
    ['nothing but comments', ': ping\n\n: ping\n\n'],
  ])('that is %s is UPSTREAM_TRUNCATED', async (_what, text) => {
    expect(await replay(codec, text)).toMatchObject({ count: 0, failure: { code: 'UPSTREAM_TRUNCATED' } });
  });

  it('that is cut off in the middle of an event is a failure', async () => {
    const { failure } = await replay(codec, beginningOf(name).trimEnd().slice(0, -9));
    expect(failure).toMatchObject({ code: expect.stringMatching(/^UPSTREAM_(MALFORMED|TRUNCATED)$/) });
  });
});
