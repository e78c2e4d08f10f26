import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetful, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { chat, type StreamEvent, streamed } from '../support/graphql-client.ts';
import {
  type ProviderServer,
  type ReceivedRequest,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/** Responses through the whole gateway: stateless, so the state is in the caller's hands. */

type Item = Readonly<Record<string, unknown>>;

const user = (content: string) => ({ role: 'USER', content });
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [
  { name: 'get_weather', parameters },
  { name: 'get_time', parameters },
];

const thought = (name: string) => ({
  type: 'reasoning',
  summary: [{ type: 'summary_text', text: `About ${name}.` }],
  encrypted_content: `gAAA-${name}`,
});
const call = (name: string) => ({
  type: 'function_call',
  call_id: `call_${name}`,
  name,
  arguments: '{"city":"Paris"}',
});
const text = (said: string) => ({
  type: 'message',
  role: 'assistant',
  phase: 'final_answer',
  content: [{ type: 'output_text', text: said, annotations: [] }],
});

/** The answers of a reasoning model in three turns. */
const turns: readonly (readonly Item[])[] = [
  [thought('weather'), call('get_weather')],
  [thought('time'), call('get_time')],
  [thought('answer'), text('21 degrees at noon.')],
];

function answer({ body }: ReceivedRequest, items: readonly Item[]): { whole: object; stream: string } {
  const output = items.map((item, index) => ({ id: `id_${index}`, status: 'completed', ...item }));
  const head = { id: 'resp_1', object: 'response', created_at: 1760000000, model: `${body['model']}-2026-07-01` };
  const usage = { input_tokens: 20, output_tokens: 10, total_tokens: 30 };
  const whole = { ...head, status: 'completed', output, usage };
  const events = [
    { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
    { type: 'response.in_progress', response: { ...head, status: 'in_progress', output: [] } },
    ...output.map((item, output_index) => ({ type: 'response.output_item.done', output_index, item })),
    { type: 'response.completed', response: whole },
  ];
  return { whole, stream: toStream(events) };
}

function toStream(events: readonly { readonly type: string }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

const refuse = (code: string, param: string | null = null) => ({ error: { message: 'No.', type: 'x', param, code } });

let provider: ProviderServer;
let gateway: RunningGateway;
let sandbox: RunningGateway;
beforeAll(async () => {
  provider = await startProvider((request, response) => {
    const { body } = request;
    const input = JSON.stringify(body['input'] ?? '');
    if (body['model'] === 'gpt-5.5' && 'summary' in Object(body['reasoning'])) {
      return sendJson(response, 400, refuse('unsupported_value', 'reasoning.summary'));
    }
    if (body['model'] === 'gpt-5.4' && input.includes('encrypted_content')) {
      return sendJson(response, 400, refuse('invalid_encrypted_content'));
    }
    if (body['model'] === 'gpt-5.2') {
      const { stream } = answer(request, []);
      const [created, inProgress] = stream.split('\n\n');
      const failed = { type: 'error', error: { type: 'server_error', code: null, message: 'Oops' } };
      return sendStream(response, `${created}\n\n${inProgress}\n\n${toStream([failed])}`);
    }
    const asked = input.match(/function_call_output/g)?.length ?? 0;
    const { whole, stream } = answer(request, turns[asked] ?? []);
    return body['stream'] ? sendStream(response, stream) : sendJson(response, 200, whole);
  });
  gateway = await openGateway({
    yaml: `${forgetful}providers:
  open: { kind: openai-compatible, baseUrl: "${provider.url}/v1", api: responses }
  mixed:
    kind: openai-compatible
    baseUrl: "${provider.url}/v1"
    models: [{ name: new, api: responses, reasoning: {} }, old]
`,
    env: { OPENAI_API_KEY: 'test-key', OPENAI_BASE_URL: provider.url, XAI_API_KEY: 'x', XAI_BASE_URL: provider.url },
  });
  sandbox = await openGateway({ yaml: quickSandbox });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
  await provider.close();
});

type Told = {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: { id: string; name: string; arguments: string }[];
  readonly finishReason: string;
  readonly providerState: string | null;
  readonly warnings: readonly object[];
  readonly attempts: readonly object[];
};

const ways: Readonly<Record<string, (url: string, input: object) => Promise<Told>>> = {
  async whole(url, input) {
    const told = await chat(url, input);
    expect(told).toMatchObject({ __typename: 'Completion' });
    return told as unknown as Told;
  },
  async streamed(url, input) {
    const events = await streamed(url, input);
    expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFinished' });
    const join = (type: string) => events.map((event) => (event.__typename === type ? event['text'] : '')).join('');
    return {
      ...(events.at(-1) as unknown as Told),
      text: join('ContentDelta'),
      reasoning: join('ReasoningDelta'),
      toolCalls: callsOf(events),
    };
  },
};

function callsOf(events: readonly StreamEvent[]): Told['toolCalls'] {
  const calls: Told['toolCalls'] = [];
  for (const event of events) {
    if (event.__typename !== 'ToolCallDelta') continue;
    const { index, id, name, argumentsDelta } = event as unknown as Record<'id' | 'name' | 'argumentsDelta', string> & {
      index: number;
    };
    calls[index] = { id, name, arguments: (calls[index]?.arguments ?? '') + argumentsDelta };
  }
  return calls;
}

/** What the caller adds to the conversation: the assistant's message unchanged, and the result of each call. */
function echo({ text: content, toolCalls, providerState }: Told): object[] {
  return [
    {
      role: 'ASSISTANT',
      content,
      toolCalls: toolCalls.map(({ id, name, arguments: json }) => ({ id, name, arguments: json })),
      providerState,
    },
    ...toolCalls.map(({ id, name }) => ({ role: 'TOOL', toolCallId: id, content: `result of ${name}` })),
  ];
}

describe.each(Object.keys(ways))('a conversation of three turns with a reasoning model (%s)', (way) => {
  const ask = (url: string, input: object) => ways[way]?.(url, input) ?? Promise.reject();

  it.each(['openai/gpt-5.6-sol', 'xai/grok-4.6'])(
    'gives %s its reasoning back, unchanged and in place',
    async (model) => {
      const messages: object[] = [user('Weather and time in Paris?')];
      const told: Told[] = [];
      for (const _ of turns) {
        const turn = await ask(gateway.url, { model, messages, tools, reasoningEffort: 'HIGH' });
        told.push(turn);
        messages.push(...echo(turn));
      }
      expect(told.map(({ finishReason }) => finishReason)).toEqual(['TOOL_CALL', 'TOOL_CALL', 'STOP']);
      expect(told.map(({ reasoning }) => reasoning)).toEqual(['About weather.', 'About time.', 'About answer.']);
      expect(told.at(-1)?.text).toBe('21 degrees at noon.');
      expect(told.flatMap(({ warnings }) => warnings)).toEqual([]);
      const output = (name: string) => ({
        type: 'function_call_output',
        call_id: `call_${name}`,
        output: `result of ${name}`,
      });
      expect(provider.requests.at(-1)).toMatchObject({ path: '/responses', body: { store: false } });
      expect(provider.requests.at(-1)?.body['input']).toEqual([
        { role: 'user', content: 'Weather and time in Paris?' },
        thought('weather'),
        call('get_weather'),
        output('get_weather'),
        thought('time'),
        call('get_time'),
        output('get_time'),
      ]);
    },
  );

  it.each(['openai/gpt-5.6-sol', 'xai/grok-4.6', 'perplexity/low'])('works with %s in the sandbox', async (model) => {
    const messages: object[] = [user('What is the weather in Paris?')];
    const options = { model, tools, reasoningEffort: 'HIGH' };
    const first = await ask(sandbox.url, { ...options, messages });
    expect(first).toMatchObject({ finishReason: 'TOOL_CALL', toolCalls: [{ name: 'get_weather' }], warnings: [] });
    expect(first.reasoning).not.toBe('');
    // Perplexity has no state to send back.
    if (!model.startsWith('perplexity')) expect(first.providerState).toEqual(expect.any(String));
    messages.push(...echo(first));
    const second = await ask(sandbox.url, { ...options, messages });
    expect(second).toMatchObject({
      finishReason: 'STOP',
      text: 'The tool returned: result of get_weather',
      warnings: [],
    });
    messages.push(...echo(second), user('And the time in Rome?'));
    const third = await ask(sandbox.url, { ...options, messages });
    expect(third.toolCalls.map(({ name, arguments: json }) => [name, JSON.parse(json)])).toEqual([
      ['get_time', { city: 'Rome' }],
    ]);
    expect(third.warnings).toEqual([]);
  });

  it('continues where the provider hides reasoning from this organization', async () => {
    const input = { model: 'openai/gpt-5.5', messages: [user('Hi')], reasoningEffort: 'HIGH' };
    const { warnings, attempts } = await ask(gateway.url, input);
    expect(warnings).toEqual([
      { option: 'reasoningEffort', message: expect.stringContaining('are not available to this') },
    ]);
    expect(attempts).toMatchObject([{ code: null, status: 200 }]);
    expect(provider.requests.slice(-2).map(({ body }) => body['reasoning'])).toEqual([
      { effort: 'high', summary: 'auto' },
      { effort: 'high' },
    ]);
  });

  it('continues without reasoning of another organization', async () => {
    const messages = [user('Weather?')];
    const options = { model: 'openai/gpt-5.4', tools };
    const first = await ask(gateway.url, { ...options, messages });
    const { warnings } = await ask(gateway.url, { ...options, messages: [...messages, ...echo(first)] });
    expect(warnings).toEqual([
      { option: 'messages', message: expect.stringContaining('could not decrypt the reasoning') },
    ]);
    const [refused, taken] = provider.requests.slice(-2).map(({ body }) => body['input'] as Item[]);
    expect(refused?.map(({ type, role }) => type ?? role)).toEqual([
      'user',
      'reasoning',
      'function_call',
      'function_call_output',
    ]);
    expect(taken?.map(({ type, role }) => type ?? role)).toEqual(['user', 'function_call', 'function_call_output']);
  });
});

it('does not count "created" and "in progress" as content: a fallback may still answer', async () => {
  const input = { model: 'openai/gpt-5.2', fallbacks: ['openai/gpt-5.6-sol'], messages: [user('Hi')] };
  const events = await streamed(gateway.url, input);
  expect(events[0]).toMatchObject({ __typename: 'CompletionStarted', model: 'gpt-5.6-sol-2026-07-01' });
  expect(events.at(-1)).toMatchObject({
    __typename: 'CompletionFinished',
    attempts: [
      { model: 'gpt-5.2', code: 'UPSTREAM_ERROR', status: 200 },
      { model: 'gpt-5.6-sol', code: null },
    ],
  });
});

it('answers on the Chat Completions path for either wire', async () => {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-5.6-sol', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect(await response.json()).toMatchObject({
    object: 'chat.completion',
    choices: [{ finish_reason: 'tool_calls', message: { tool_calls: [{ id: 'call_get_weather', type: 'function' }] } }],
    usage: { prompt_tokens: 20, completion_tokens: 10 },
  });
});

it('uses the configured wire of a custom server, for all its models or for each', async () => {
  const asked = async (model: string) => {
    await chat(gateway.url, { model, messages: [user('Hi')] });
    const { path, body } = provider.requests.at(-1) ?? {};
    return { path, ...body };
  };
  expect(await asked('open/any')).toEqual({
    path: '/v1/responses',
    model: 'any',
    input: [{ role: 'user', content: 'Hi' }],
    store: false,
  });
  expect(await asked('mixed/new')).toMatchObject({ path: '/v1/responses', include: ['reasoning.encrypted_content'] });
  expect(await asked('mixed/old')).toMatchObject({ path: '/v1/chat/completions' });
  expect(await asked('mixed/unlisted')).toMatchObject({ path: '/v1/chat/completions' });
});
