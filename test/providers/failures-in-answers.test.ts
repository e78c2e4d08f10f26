import { describe, expect, it } from 'vitest';
import type { ProviderAdapter } from '../../src/core/adapter.ts';
import type { FailureCode } from '../../src/core/errors.ts';
import { decodeBatches } from '../../src/core/stream.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { serverSentEvents } from '../../src/upstream/sse.ts';
import { recordings } from '../support/recordings.ts';
import { inPieces } from '../support/replay.ts';

/** Failures that come with HTTP 200: instead of an answer, as the first event of a stream, or after a part of it. */

type Told = {
  readonly body: unknown;
  readonly code: FailureCode;
  readonly status: number;
  readonly retryable: boolean;
};

const overloaded = { code: 'UPSTREAM_OVERLOADED', retryable: true } as const;
const limited = { code: 'UPSTREAM_RATE_LIMITED', retryable: true } as const;
const openAi = (code: unknown, message = 'Oops') => ({ error: { message, type: 'x', param: null, code } });
const anthropic = (type: string) => ({ type: 'error', error: { type, message: 'Oops' }, request_id: 'r' });

const failures: Readonly<Record<string, readonly Told[]>> = {
  openai: [
    { body: openAi('rate_limit_exceeded'), ...limited, status: 200 },
    { body: openAi('insufficient_quota'), code: 'UPSTREAM_BILLING', retryable: false, status: 200 },
    { body: openAi('server_error'), code: 'UPSTREAM_ERROR', retryable: true, status: 200 },
    { body: openAi('429'), ...limited, status: 429 },
    { body: { error: 'Oops' }, code: 'UPSTREAM_ERROR', retryable: true, status: 200 },
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
  deepinfra: [{ body: openAi(null, 'The model is overloaded'), ...overloaded, status: 200 }],
};

const cases = builtInProviders.flatMap((adapter) =>
  (failures[adapter.id] ?? []).map((told) => ({ adapter, id: adapter.id, json: JSON.stringify(told.body), ...told })),
);

/** The beginning of a recorded answer, up to its second event. */
function beginningOf(provider: string): string {
  const text = recordings.find((recording) => recording.provider === provider)?.stream.toString() ?? '';
  const second = text.indexOf('\ndata:', text.indexOf('data:') + 1) + 1;
  return `${text.slice(0, text.indexOf('\n', second))}\n\n`;
}

/** How many events came, and how it ended. */
async function replay(adapter: ProviderAdapter, text: string, cuts: readonly number[] = []) {
  let count = 0;
  try {
    const body = inPieces(Buffer.from(text), cuts);
    for await (const batch of decodeBatches(adapter.decodeStream(), serverSentEvents(body))) count += batch.length;
  } catch (failure) {
    return { count, failure };
  }
  return { count, failure: undefined };
}

describe.each(cases)('$id: $json', ({ adapter, json, body, code, status, retryable }) => {
  const failure = { name: 'GatewayError', code, status, retryable };

  it('is thrown where a whole answer was expected', () => {
    expect(() => adapter.decode(body)).toThrow(expect.objectContaining(failure));
  });

  it.each([
    ['an event', `data: ${json}\n\n`],
    ['an event without a space', `data:${json}\r\n\r\n`],
    ['a named event', `event: error\ndata: ${json}\n\n`],
    ['bare JSON', json],
    ['bare JSON in lines', `${JSON.stringify(body, null, 2)}\n`],
  ])('ends a stream as %s, first of all and after a part of the answer', async (_form, text) => {
    expect(await replay(adapter, text)).toMatchObject({ count: 0, failure });
    const beginning = beginningOf(adapter.id);
    for (const cuts of [[], [beginning.length], [beginning.length + 3]]) {
      const told = await replay(adapter, beginning + text, cuts);
      expect(told).toMatchObject({ failure });
      expect(told.count).toBeGreaterThan(0);
    }
  });
});

it('has a failure of every built-in provider', () => {
  expect(Object.keys(failures).sort()).toEqual(builtInProviders.map(({ id }) => id).sort());
});

describe('qwen', () => {
  const qwen = builtInProviders.find(({ id }) => id === 'qwen') as ProviderAdapter;

  it.each([
    [429, 'Throttling.AllocationQuota', 'UPSTREAM_RATE_LIMITED', true],
    [400, 'DataInspectionFailed', 'CONTENT_FILTERED', false],
    [400, 'InvalidParameter', 'UPSTREAM_REJECTED', false],
    [500, 'InternalError', 'UPSTREAM_ERROR', true],
  ])('tells the status %d of %s in a comment', async (status, code, expected, retryable) => {
    const frame = `id:1\nevent:error\n:HTTP_STATUS/${status}\ndata:{"code":"${code}","message":"Oops"}\n\n`;
    const failure = { code: expected, status, retryable, message: `qwen answered HTTP ${status}: Oops` };
    expect(await replay(qwen, frame)).toMatchObject({ count: 0, failure });
    expect(await replay(qwen, beginningOf('qwen') + frame)).toMatchObject({ failure });
  });
});

describe.each(builtInProviders.map((adapter) => ({ id: adapter.id, adapter })))('a stream of $id', ({ adapter }) => {
  it.each([
    ['empty', ''],
    ['a web page', '<!DOCTYPE html>\n<html>\n\n<body>Hello</body></html>'],
    ['nothing but comments', ': ping\n\n: ping\n\n'],
  ])('that is %s is UPSTREAM_TRUNCATED', async (_what, text) => {
    expect(await replay(adapter, text)).toMatchObject({ count: 0, failure: { code: 'UPSTREAM_TRUNCATED' } });
  });

  it('that is cut off in the middle of an event is a failure', async () => {
    const { failure } = await replay(adapter, beginningOf(adapter.id).trimEnd().slice(0, -9));
    expect(failure).toMatchObject({ code: expect.stringMatching(/^UPSTREAM_(MALFORMED|TRUNCATED)$/) });
  });
});
