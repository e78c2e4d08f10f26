import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { query, type StreamEvent, streamed } from '../support/graphql-client.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/** JSON in answers: read, validated, repaired, and shown while it is written. */

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, days: { type: 'integer' } },
  required: ['city', 'days'],
};
const good = { city: 'Paris', days: 3 };
const wrong = '{"city": "Paris", "days": "three"}';

let provider: ProviderServer;
let gateway: RunningGateway;
/** What the provider answers, one after the other; the last one again and again. */
let answers: string[] = [];
let asked: Record<string, unknown>[] = [];
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    asked.push(body);
    const text = answers.length > 1 ? (answers.shift() ?? '') : (answers[0] ?? '');
    if (body['stream'] === true) sendStream(response, openAiStream(text.match(/[\s\S]{1,4}/g) ?? ['']));
    else sendJson(response, 200, openAiAnswer(text));
  });
  gateway = await openGateway({
    yaml: `providers:\n  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }\nprices:\n  local/x: { input: 1, output: 2, asOf: 2026-01-01 }\n`,
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});
beforeEach(() => {
  asked = [];
});

const input = {
  model: 'local/x',
  messages: [{ role: 'USER', content: 'Plan a trip, in JSON' }],
  responseFormat: { jsonSchema: { name: 'trip', schema } },
};
const ending = `object usage { totalTokens } cost { total } attempts { code } warnings { option message }`;
const failure = 'code message retryable issues { path message } usage { totalTokens } cost { total } attempts { code }';
const ask = async (more: object = {}) => {
  const document = `query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { text finishReason ${ending} } ... on ChatFailure { ${failure} } } }`;
  return (await query(gateway.url, document, { input: { ...input, ...more } })).data?.['chat'] as StreamEvent;
};
const stream = (more: object = {}, objects = '... on ObjectDelta { object }') =>
  streamed(
    gateway.url,
    { ...input, ...more },
    `subscription ($input: ChatInput!) { chatStream(input: $input) { __typename ... on ContentDelta { text } ${objects}
      ... on CompletionFinished { finishReason ${ending} } ... on CompletionFailed { ${failure} } } }`,
  );

describe('an answer that follows its schema', () => {
  it.each([
    ['as it is', JSON.stringify(good)],
    ['in a block of Markdown', `\`\`\`json\n${JSON.stringify(good, undefined, 2)}\n\`\`\``],
  ])('has its value, whole and streamed: %s', async (_how, text) => {
    answers = [text];
    expect(await ask()).toMatchObject({ __typename: 'Completion', text, object: good, warnings: [] });
    expect((await stream()).at(-1)).toMatchObject({ __typename: 'CompletionFinished', object: good });
    expect(asked).toHaveLength(2);
  });

  it('is shown while it is written, each snapshot more than the one before, the last one whole', async () => {
    const value = { city: 'Paris', days: 3, notes: Array.from({ length: 300 }, (_, at) => `note ${at}`) };
    answers = [JSON.stringify(value)];
    const events = await stream();
    const snapshots = events.filter(({ __typename }) => __typename === 'ObjectDelta').map(({ object }) => object);
    expect(snapshots.length).toBeGreaterThan(1);
    expect(snapshots.at(-1)).toEqual(value);
    expect(events.at(-1)).toMatchObject({ object: value });
    const sizes = snapshots.map((one) => JSON.stringify(one).length);
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    // They grow by a share, so that all of them together stay in proportion to the answer.
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100 * JSON.stringify(value).length);
  });

  it('is shown to nobody who does not select it', async () => {
    answers = [JSON.stringify(good)];
    const types = (await stream({}, '')).map(({ __typename }) => __typename);
    expect(new Set(types)).toEqual(new Set(['CompletionStarted', 'ContentDelta', 'CompletionFinished']));
    const { responseFormat: _, ...text } = input;
    expect(
      (
        await streamed(
          gateway.url,
          text,
          'subscription ($input: ChatInput!) { chatStream(input: $input) { __typename ... on ObjectDelta { object } } }',
        )
      ).map(({ __typename }) => __typename),
    ).not.toContain('ObjectDelta');
  });
});

describe('an answer that does not', () => {
  const expected = {
    code: 'OUTPUT_INVALID',
    retryable: false,
    issues: [{ path: 'object.days', message: 'must be integer' }],
    usage: { totalTokens: 7 },
    cost: { total: 9e-6 },
    attempts: [{ code: 'OUTPUT_INVALID' }],
  };

  it('is a failure with each place, whole and streamed, and was paid', async () => {
    answers = [wrong];
    expect(await ask()).toMatchObject({ __typename: 'ChatFailure', ...expected });
    expect((await stream()).at(-1)).toMatchObject({ __typename: 'CompletionFailed', ...expected });
    expect(asked).toHaveLength(2);
    expect(JSON.stringify(await ask())).not.toContain('three');
  });

  it('is no failure where it is not validated', async () => {
    answers = [wrong];
    const responseFormat = { jsonSchema: { name: 'trip', schema, validate: false } };
    expect(await ask({ responseFormat })).toMatchObject({ object: { city: 'Paris', days: 'three' } });
  });

  it('is no failure of the provider: another request goes to it, and no fallback is tried', async () => {
    answers = [wrong];
    await ask({ fallbacks: ['local/y'] });
    expect(asked.map(({ model }) => model)).toEqual(['x']);
  });

  it.each([
    ['no JSON', 'Sorry, I cannot.', 'The text is not valid JSON'],
    ['nested without end', '['.repeat(20_000), 'The JSON is nested too deeply (limit 100 levels)'],
  ])('is told as %s', async (_what, text, message) => {
    answers = [text];
    expect(await ask()).toMatchObject({ code: 'OUTPUT_INVALID', issues: [{ path: 'object', message }] });
  });

  it('is repaired: the model sees its answer and what is wrong', async () => {
    answers = [wrong, JSON.stringify(good)];
    expect(await ask({ repair: {} })).toMatchObject({
      __typename: 'Completion',
      object: good,
      text: JSON.stringify(good),
      usage: { totalTokens: 14 },
      cost: { total: 18e-6 },
      attempts: [{ code: 'OUTPUT_INVALID' }, { code: null }],
    });
    const messages = asked[1]?.['messages'] as { role: string; content: string }[];
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(messages[1]?.content).toBe(wrong);
    expect(messages[2]?.content).toContain('object.days: must be integer');
  });

  it('is repaired in a stream, whose text comes when it is right', async () => {
    answers = [wrong, JSON.stringify(good)];
    const events = await stream({ repair: { maxAttempts: 1 } });
    expect(events.map(({ text }) => text ?? '').join('')).toBe(JSON.stringify(good));
    expect(events.at(-1)).toMatchObject({
      __typename: 'CompletionFinished',
      object: good,
      usage: { totalTokens: 14 },
      attempts: [{ code: 'OUTPUT_INVALID' }, { code: null }],
    });
  });

  it.each(['whole', 'stream'] as const)('that stays wrong fails after its attempts (%s)', async (mode) => {
    answers = [wrong];
    const more = { repair: { maxAttempts: 2 } };
    const last = mode === 'whole' ? await ask(more) : (await stream(more)).at(-1);
    expect(last).toMatchObject({ code: 'OUTPUT_INVALID', usage: { totalTokens: 21 }, attempts: [{}, {}, {}] });
    expect(asked).toHaveLength(3);
  });

  it('is not asked for again without a schema', async () => {
    expect(await ask({ responseFormat: { jsonObject: true }, repair: {} })).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ path: 'repair' }],
    });
  });
});

describe('an answer that was cut off, or holds no JSON', () => {
  it('has no value, and is no failure without a schema', async () => {
    answers = ['Hello'];
    expect(await ask({ responseFormat: { jsonObject: true } })).toMatchObject({ text: 'Hello', object: null });
  });

  it('has a value for any JSON object', async () => {
    answers = ['{"a": 1}'];
    expect(await ask({ responseFormat: { jsonObject: true } })).toMatchObject({ object: { a: 1 } });
  });
});

describe('a schema that cannot be used', () => {
  it('lets the answer pass with a warning', async () => {
    answers = [JSON.stringify(good)];
    const responseFormat = { jsonSchema: { name: 'trip', schema: { $ref: '#/none' } } };
    expect(await ask({ responseFormat })).toMatchObject({
      object: good,
      warnings: [{ option: 'responseFormat', message: expect.stringContaining('not validated') }],
    });
  });
});

describe('REST', () => {
  const complete = async (more: object) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'local/x', messages: [{ role: 'user', content: 'JSON' }], ...more }),
    });
    return { status: response.status, text: await response.text() };
  };
  const format = (more: object) => ({
    response_format: { type: 'json_schema', json_schema: { name: 'trip', schema, ...more } },
  });

  it('validates with strict: true, as OpenAI guarantees it, and otherwise passes the text on', async () => {
    answers = [wrong];
    const failed = await complete(format({ strict: true }));
    expect(failed.status).toBe(502);
    expect(JSON.parse(failed.text)).toMatchObject({
      error: { code: 'output_invalid', x_parley: { issues: [{ param: 'object.days' }] } },
    });
    expect((await complete(format({}))).status).toBe(200);
  });

  it('ends a stream with the failure, and repairs', async () => {
    answers = [wrong];
    const streamedText = await complete({ ...format({ strict: true }), stream: true });
    expect(streamedText.text).toContain('"code":"output_invalid"');
    answers = [wrong, JSON.stringify(good)];
    const repaired = await complete({ ...format({ strict: true }), repair: { max_attempts: 1 } });
    expect(JSON.parse(repaired.text)).toMatchObject({ x_parley: { object: good } });
  });
});
