import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toOpenAiCode } from '../../src/rest/errors.ts';
import { forgetful, openGateway, type RunningGateway } from '../support/gateway.ts';
import { chat, type StreamEvent, streamed } from '../support/graphql-client.ts';
import { toOpenAiRequest } from '../support/openai-request.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';
import { recordings } from '../support/recordings.ts';
import { complete, completeStream, foldChunks, type Json } from '../support/rest-client.ts';
import {
  askMessages,
  askResponses,
  foldMessages,
  foldResponses,
  inputOf,
  type Said,
  saidByMessages,
  saidByResponses,
} from '../support/sdk-answers.ts';
import { allOn, wireNamed } from '../support/wires.ts';

/** Both faces use one core: the same request has the same result on each, for every provider and failure. */

type Behaviour = Parameters<typeof startProvider>[0];

const event = (data: unknown) => `data: ${JSON.stringify(data)}\n\n`;
const cutOff = openAiStream(['Hel', 'lo'])
  .split('data: {"id":"chatcmpl-t","object":"chat.completion.chunk"')
  .slice(0, 4);
const begun = cutOff.join('data: {"id":"chatcmpl-t","object":"chat.completion.chunk"');
const refuse =
  (status: number, error: object, headers: Record<string, string> = {}): Behaviour =>
  (_request, response) =>
    sendJson(response, status, { error }, headers);

/** Failures before the first content, with the status that an SDK sees. */
const early: Readonly<Record<string, readonly [behaviour: Behaviour, status: number]>> = {
  'bad-request': [refuse(400, { message: 'Invalid value', type: 'invalid_request_error' }), 400],
  'bad-key': [refuse(401, { message: 'Incorrect API key provided' }), 502],
  'no-credit': [refuse(429, { message: 'You exceeded your current quota', code: 'insufficient_quota' }), 502],
  'no-such-model': [refuse(404, { message: 'The model does not exist', code: 'model_not_found' }), 404],
  'too-long': [refuse(400, { message: 'maximum context length is 5', code: 'context_length_exceeded' }), 400],
  filtered: [refuse(400, { message: 'Filtered', code: 'content_filter' }), 400],
  'too-many': [refuse(429, { message: 'Slow down' }, { 'retry-after-ms': '1500' }), 429],
  overloaded: [refuse(503, { message: 'Overloaded' }), 503],
  broken: [refuse(500, { message: 'Oops' }), 502],
  'web-page': [
    (_request, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>'),
    502,
  ],
  'hung-up': [(_request, response) => void response.destroy(), 502],
};

/** Failures after the first content. */
const late: Readonly<Record<string, Behaviour>> = {
  truncated: (_request, response) => sendStream(response, begun),
  cut: (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(begun, () => response.destroy());
  },
  'told-error': (_request, response) =>
    sendStream(response, begun + event({ error: { message: 'The engine is overloaded', code: 503 } })),
  'no-json': (_request, response) => sendStream(response, `${begun}data: {"choices":[{"del\n\n`),
};

let provider: ProviderServer;
/** All providers with two wires: one gateway uses Chat Completions, the other Responses. */
let gateway: RunningGateway;
let responsesGateway: RunningGateway;
beforeAll(async () => {
  const names = [...new Set(recordings.map(({ wire }) => wireNamed(wire).adapter.id))];
  provider = await startProvider((request, response) => {
    const { path, body } = request;
    const asked = `${body['model']} ${decodeURIComponent(path)}`;
    // One name may be the beginning of another.
    const [recording] = recordings
      .filter(({ wire, name }) => asked.includes(`${wire}:${name}`))
      .sort((a, b) => b.name.length - a.name.length);
    if (recording) {
      const isStream = body['stream'] === true || path.includes(':stream');
      return isStream ? sendStream(response, recording.stream) : sendJson(response, 200, recording.whole);
    }
    const [name = ''] = String(body['model']).split('~');
    const behaviour = early[name]?.[0] ?? late[name];
    if (behaviour) return behaviour(request, response);
    return body['stream'] ? sendStream(response, openAiStream(['Hi'])) : sendJson(response, 200, openAiAnswer('Hi'));
  });
  const local = `${forgetful}providers:
  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }
  nobody: { kind: openai-compatible, baseUrl: "http://127.0.0.1:9/v1" }
`;
  const env = Object.fromEntries(
    names.flatMap((name) => [
      [`${name.toUpperCase()}_API_KEY`, 'test-key'],
      [`${name.toUpperCase()}_BASE_URL`, provider.url],
    ]),
  );
  gateway = await openGateway({ yaml: local + allOn('chat-completions'), env });
  responsesGateway = await openGateway({ yaml: local + allOn('responses'), env });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await responsesGateway[Symbol.asyncDispose]();
  await provider.close();
});

const hello = [{ role: 'user', content: 'Hello' }];
const inGraphQL = { messages: [{ role: 'USER', content: 'Hello' }] };

describe.each(recordings)('a recorded answer, $wire:$name', ({ wire, name }) => {
  const { adapter, api } = wireNamed(wire);
  const asked = { provider: adapter.id, model: `${wire}:${name}` };
  const url = () => (api === 'responses' ? responsesGateway : gateway).url;

  it('is equal whole', async () => {
    const answer = await chat(url(), { ...asked, ...inGraphQL });
    const { status, body } = await complete(url(), { ...asked, messages: hello });
    expect(status).toBe(200);
    expect(toldByRest(messageOf(body), body)).toEqual(toldByGraphQL([answer]));
  });

  it('is equal streamed', async () => {
    const events = await streamed(url(), { ...asked, ...inGraphQL });
    const { chunks } = await completeStream(url(), {
      ...asked,
      messages: hello,
      stream_options: { include_usage: true },
    });
    const folded = foldChunks(chunks);
    expect(toldByRest(folded, folded)).toEqual(toldByGraphQL(events));
  });
});

describe.each(recordings)('a recorded answer by the SDKs of OpenAI and Anthropic, $wire:$name', ({ wire, name }) => {
  const { adapter, api } = wireNamed(wire);
  const model = `${adapter.id}/${wire}:${name}`;
  const url = () => (api === 'responses' ? responsesGateway : gateway).url;

  it.each([false, true])('is equal on Messages and Responses (streamed: %s)', async (isStream) => {
    const answer = await chat(url(), { model, ...inGraphQL });
    const expected = saidByGraphQL(answer);
    const isExplained = answer['rawFinishReason'] === 'refusal';
    expect(saidByMessages(await askMessages(url(), model, isStream))).toEqual({
      ...expected,
      // In `stop_details`, as Anthropic has it.
      ...(isExplained && { text: '' }),
    });
    expect(saidByResponses(await askResponses(url(), model, isStream))).toEqual({
      ...expected,
      // A part of its own, after what was written before.
      text: `${answer['text']}${answer['refusal'] ?? ''}`,
    });
  });
});

describe.each(recordings.filter(({ wire }) => wire === 'anthropic'))('an answer of Anthropic’s, $name', (recording) => {
  const model = `anthropic/anthropic:${recording.name}`;

  it('loses nothing on Messages', async () => {
    const own = await foldMessages(recording.stream);
    expect(modelled(await askMessages(gateway.url, model, true))).toEqual(modelled(own));
    expect(modelled(await askMessages(gateway.url, model, false))).toEqual(
      modelled(recording.whole as Anthropic.Message),
    );
  });

  /** What Parley models of a message: the blocks of the model, how it ended, and what it took. */
  function modelled(message: Anthropic.Message) {
    const { content, stop_reason, stop_sequence, stop_details, usage, role, type } = message;
    const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = usage;
    return {
      ...{ role, type, stop_reason, stop_sequence, stop_details: stop_details ?? null, input_tokens, output_tokens },
      ...{ cache_read: cache_read_input_tokens ?? 0, cache_written: cache_creation_input_tokens ?? 0 },
      said: saidByMessages(message),
      thinking: content.filter(({ type }) => type.endsWith('thinking')),
    };
  }
});

/** OpenAI's SDK makes nothing of the first, and an empty call of one that was cut off before its arguments in the other. */
const readOtherwise = ['told-by-closing-events-alone', 'length-before-the-arguments'];
const ofOpenAi = recordings.filter(({ wire, name }) => wire === 'openai-responses' && !readOtherwise.includes(name));

describe.each(ofOpenAi)('an answer of OpenAI’s, $name', (recording) => {
  const model = `openai/openai-responses:${recording.name}`;

  it('loses nothing on Responses', async () => {
    const own = await foldResponses(recording.stream);
    expect(modelled(await askResponses(responsesGateway.url, model, true))).toEqual(modelled(own));
    expect(modelled(await askResponses(responsesGateway.url, model, false))).toEqual(
      modelled(recording.whole as OpenAI.Responses.Response),
    );
  });

  function modelled(response: OpenAI.Responses.Response) {
    const { status, incomplete_details, usage } = response;
    const details = [
      usage?.input_tokens_details?.cached_tokens ?? 0,
      usage?.output_tokens_details?.reasoning_tokens ?? 0,
    ];
    return { ...saidByResponses(response), status, reason: incomplete_details?.reason, details };
  }
});

describe('a failure before the first content', () => {
  const cases: [string, string, number][] = [
    ...Object.entries(early).map(([name, [, status]]): [string, string, number] => [name, `local/${name}`, status]),
    ['nobody listens', 'nobody/x', 502],
    ['an unknown provider', 'acme/x', 404],
    ['no provider', 'gpt-4o', 400],
  ];

  it.each(cases)('has one code on both faces, and its own status: %s', async (_what, model, status) => {
    // A limit holds for one model: the calls of one face must not count for the other.
    const [first, second, third] = ['', '~2', '~3'].map((suffix) => model + suffix);
    const { code, message, retryable, retryAfterMs } = await chat(gateway.url, { model: first, ...inGraphQL });
    const answers = [
      await complete(gateway.url, { model: second, messages: hello }),
      await completeStream(gateway.url, { model: third, messages: hello }).then(({ chunks: [body = {}], ...rest }) => ({
        ...rest,
        body,
      })),
    ];
    for (const { status: told, headers, body } of answers) {
      expect(body['error']).toMatchObject({ code: toOpenAiCode(String(code)), message, x_parley: { code, retryable } });
      expect(told).toBe(status);
      expect(headers.get('x-should-retry')).toBe(retryable ? null : 'false');
      expect(headers.get('retry-after-ms')).toBe(retryAfterMs === null ? null : String(retryAfterMs));
      expect(headers.get('retry-after')).toBe(retryAfterMs === null ? null : '2');
    }
  });

  it('of all targets lists each', async () => {
    const request = { model: 'local/broken', fallbacks: ['nobody/x'] };
    const { attempts } = await chat(gateway.url, { ...request, ...inGraphQL });
    const { status, headers, body } = await complete(gateway.url, { ...request, messages: hello });
    expect(status).toBe(502);
    expect(headers.get('x-parley-attempts')).toBe('2');
    expect(body['error']).toMatchObject({
      code: 'targets_exhausted',
      x_parley: { attempts: (attempts as Json[]).map(({ durationMs: _, ...attempt }) => attempt) },
    });
  });

  it('leads to a fallback', async () => {
    const { headers, body } = await complete(gateway.url, {
      model: 'local/broken',
      fallbacks: ['local/good'],
      messages: hello,
    });
    expect(headers.get('x-parley-attempts')).toBe('2');
    expect(body).toMatchObject({ x_parley: { attempts: [{ code: 'UPSTREAM_ERROR' }, { code: null }] } });
  });
});

describe('a failure after the first content', () => {
  it.each(Object.keys(late))('is the last event, and no finish reason precedes it: %s', async (model) => {
    const request = { model: `local/${model}` };
    const events = await streamed(gateway.url, { ...request, ...inGraphQL });
    const { status, text, chunks } = await completeStream(gateway.url, { ...request, messages: hello });
    expect(status).toBe(200);
    expect(chunks.at(-1)).toMatchObject({
      error: { type: 'server_error', x_parley: { code: events.at(-1)?.['code'] } },
    });
    expect(foldChunks(chunks)).toMatchObject({ content: 'Hello' });
    expect(text).not.toMatch(/"finish_reason":"/);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

describe('a request id', () => {
  it('is claimed on both faces', async () => {
    expect(await chat(gateway.url, { model: 'local/good', requestId: 'r-1', ...inGraphQL })).toMatchObject({
      __typename: 'Completion',
    });
    const { status, headers, body } = await complete(gateway.url, {
      model: 'local/good',
      request_id: 'r-1',
      messages: hello,
    });
    expect([status, headers.get('x-should-retry')]).toEqual([409, 'false']);
    expect(body).toMatchObject({ error: { code: 'duplicate_request', param: 'request_id' } });
  });
});

it('both faces send the provider the same request', async () => {
  const input = {
    model: 'local/good',
    systemMessage: 'Be brief.',
    temperature: 0.5,
    topP: 0.9,
    maxTokens: 50,
    stop: ['END'],
    seed: 7,
    user: 'u-1',
    frequencyPenalty: 0.5,
    presencePenalty: -0.5,
    tools: [{ name: 'get_weather', description: 'Weather', parameters: { type: 'object', properties: {} } }],
    responseFormat: { jsonObject: true },
    parallelToolCalls: false,
  };
  const parts = [{ text: 'What is this?' }, { image: { url: 'https://example.com/a.png', detail: 'low' } }];
  const image = { url: 'https://example.com/a.png', detail: 'LOW' };
  const sent = provider.requests.length;
  await chat(gateway.url, {
    ...input,
    toolChoice: { mode: 'REQUIRED' },
    messages: [{ role: 'USER', parts: [parts[0], { image }] }],
  });
  const rest = toOpenAiRequest({ ...input, toolChoice: { mode: 'required' }, messages: [{ role: 'user', parts }] });
  await complete(gateway.url, { ...rest, model: input.model });
  const [first, second] = provider.requests.slice(sent).map(({ body }) => body);
  expect(first).toMatchObject({ tool_choice: 'required', seed: 7 });
  expect(second).toEqual(first);
});

function messageOf(body: Json): Json {
  const [choice] = body['choices'] as { message: Json; finish_reason: string }[];
  const { content, reasoning_content, tool_calls, ...message } = choice?.message ?? {};
  return {
    content: content ?? '',
    reasoning: reasoning_content ?? '',
    calls: ((tool_calls ?? []) as { id: string; function: object }[]).map(({ id, function: called }) => ({
      id,
      ...called,
    })),
    finish_reason: choice?.finish_reason,
    ...message,
  };
}

function saidByGraphQL(answer: StreamEvent): Said {
  const { inputTokens, outputTokens } = (answer['usage'] ?? {}) as Record<string, number | null>;
  const calls = answer['toolCalls'] as readonly { id: string; name: string; arguments: string }[];
  return {
    text: String(answer['text'] || (answer['refusal'] ?? '')),
    reasoning: String(answer['reasoning'] ?? ''),
    calls: calls.map(({ id, name, arguments: text }) => ({ id, name, input: inputOf(text) })),
    tokens: [inputTokens ?? 0, outputTokens ?? 0],
  };
}

const otherWords: Readonly<Record<string, string>> = { TOOL_CALL: 'tool_calls' };

/** The result in the terms of this test. */
function toldByRest(message: Json, { usage, x_parley }: Json) {
  const { prompt_tokens, completion_tokens, total_tokens, ...details } = (usage ?? {}) as Json;
  const extras = x_parley as Json;
  return {
    text: message['content'],
    reasoning: message['reasoning'],
    calls: message['calls'],
    annotated: ((message['annotations'] ?? []) as { url_citation: Json }[]).map(({ url_citation: { url } }) => url),
    finishReason: extras['finish_reason'],
    ending: message['finish_reason'],
    tokens: [prompt_tokens ?? null, completion_tokens ?? null, total_tokens ?? null],
    details: [
      (details['prompt_tokens_details'] as Json | undefined)?.['cached_tokens'] ?? null,
      (details['prompt_tokens_details'] as Json | undefined)?.['cache_write_tokens'] ?? null,
      (details['completion_tokens_details'] as Json | undefined)?.['reasoning_tokens'] ?? null,
    ],
    raw: extras['raw_finish_reason'] ?? null,
    providerState: extras['provider_state'] ?? null,
    citations: extras['citations'] ?? [],
    warnings: extras['warnings'],
    provider: extras['provider'],
    isSandbox: extras['is_sandbox'],
  };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function toldByGraphQL(events: readonly StreamEvent[]) {
  const first = events[0] ?? { __typename: '' };
  const last = events.at(-1) ?? first;
  const usage = (last['usage'] ?? {}) as Record<string, number | null>;
  const join = (type: string) => events.map((one) => (one.__typename === type ? one['text'] : '')).join('');
  const isWhole = first.__typename === 'Completion';
  const finishReason = String(last['finishReason']);
  const isRefusal = last['refusal'] !== null && last['rawFinishReason'] === 'stop';
  const citations = last['citations'] as { url: string; places: readonly object[] }[];
  return {
    text: isWhole ? first['text'] : join('ContentDelta'),
    reasoning: isWhole ? (first['reasoning'] ?? '') : join('ReasoningDelta'),
    calls: isWhole ? first['toolCalls'] : callsOf(events),
    annotated: citations.flatMap(({ url, places }) => (places.length > 0 ? places : [0]).map(() => url)),
    finishReason: finishReason.toLowerCase(),
    // OpenAI calls an answer that is a refusal complete.
    ending: isRefusal ? 'stop' : (otherWords[finishReason] ?? finishReason.toLowerCase()),
    tokens: [usage['inputTokens'] ?? null, usage['outputTokens'] ?? null, usage['totalTokens'] ?? null],
    details: [
      usage['cacheReadInputTokens'] ?? null,
      usage['cacheWriteInputTokens'] ?? null,
      usage['reasoningOutputTokens'] ?? null,
    ],
    raw: last['rawFinishReason'],
    providerState: last['providerState'],
    citations: citations.map((one) =>
      Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null && !isEmptyList(value))),
    ),
    warnings: last['warnings'],
    provider: first['provider'],
    isSandbox: first['isSandbox'],
  };
}

function callsOf(events: readonly StreamEvent[]) {
  const calls: { id: unknown; name: unknown; arguments: string }[] = [];
  for (const { __typename, index, id, name, argumentsDelta } of events) {
    if (__typename !== 'ToolCallDelta') continue;
    const said = calls[Number(index)]?.arguments ?? '';
    calls[Number(index)] = { id, name, arguments: said + argumentsDelta };
  }
  return calls;
}
