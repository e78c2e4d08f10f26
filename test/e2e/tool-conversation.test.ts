import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { chat, type StreamEvent, streamed } from '../support/graphql-client.ts';
import { type ProviderServer, sendJson, sendStream, startProvider } from '../support/provider-server.ts';
import {
  conclusion,
  providerOf,
  question,
  scriptAt,
  scripts,
  time,
  weather,
} from '../witnesses/support-tool-scripts.ts';

/** A conversation of two turns: the model calls two tools in parallel, the caller sends both results and echoes the message. */

let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(({ path, body }, response) => {
    const script = scriptAt(path);
    const { whole, events } = (JSON.stringify(body).includes('celsius') ? script?.text : script?.calls) ?? {};
    if (body['stream'] !== true && !path.includes(':stream')) return sendJson(response, 200, whole);
    const lines = events?.map((event) => `event: ${event['type']}\ndata: ${JSON.stringify(event)}\n\n`).join('') ?? '';
    sendStream(response, /anthropic|google|responses/.test(path) ? lines : `${lines}data: [DONE]\n\n`);
  });
  const names = [...new Set(Object.keys(scripts).map(providerOf))];
  gateway = await openGateway({
    env: Object.fromEntries(
      names.flatMap((name) => [
        [`${name.toUpperCase()}_API_KEY`, 'test-key'],
        [`${name.toUpperCase()}_BASE_URL`, `${provider.url}/${name}`],
      ]),
    ),
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools = [
  { name: 'get_weather', parameters },
  { name: 'get_time', parameters },
];
const user = { role: 'USER', content: question };

type ToolCall = { id: string; name: string; arguments: string };
type Answer = {
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly providerState: string | null;
  readonly finishReason: string;
};

const faces: Readonly<Record<string, (input: object) => Promise<Answer>>> = {
  async chat(input) {
    const answer = await chat(gateway.url, input);
    expect(answer).toMatchObject({ __typename: 'Completion' });
    return answer as unknown as Answer;
  },
  async chatStream(input) {
    const events = await streamed(gateway.url, input);
    const last = events.at(-1);
    expect(last).toMatchObject({ __typename: 'CompletionFinished' });
    return { ...(last as unknown as Answer), ...folded(events) };
  },
};

function folded(events: readonly StreamEvent[]): { text: string; toolCalls: ToolCall[] } {
  const toolCalls: ToolCall[] = [];
  let text = '';
  for (const event of events) {
    if (event.__typename === 'ContentDelta') text += event['text'];
    if (event.__typename !== 'ToolCallDelta') continue;
    const { index, id, name, argumentsDelta } = event as unknown as Record<string, string> & { index: number };
    toolCalls[index] = {
      id: id ?? '',
      name: name ?? '',
      arguments: (toolCalls[index]?.arguments ?? '') + argumentsDelta,
    };
  }
  return { text, toolCalls };
}

/** The caller's second turn: the assistant's message unchanged, and the results of both calls. */
function secondTurn({ text, toolCalls, providerState }: Answer): object[] {
  const [first, second] = toolCalls;
  return [
    user,
    {
      role: 'ASSISTANT',
      content: text,
      toolCalls: toolCalls.map(({ id, name, arguments: json }) => ({ id, name, arguments: json })),
      providerState,
    },
    { role: 'TOOL', toolCallId: first?.id, content: weather },
    { role: 'TOOL', toolCallId: second?.id, content: time },
  ];
}

describe.each(Object.keys(scripts))('with %s', (name) => {
  const script = scripts[name];
  if (!script) throw new Error(`No script for ${name}`);

  it.each(Object.keys(faces))('a model receives the results of its two calls, and its reasoning (%s)', async (face) => {
    const ask = (messages: readonly object[]) =>
      faces[face]?.({ model: `${providerOf(name)}/${script.model}`, messages, tools, ...script.options }) ??
      Promise.reject();
    const calls = await ask([user]);
    expect(calls.finishReason).toBe('TOOL_CALL');
    expect(calls.toolCalls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
      ['get_weather', { city: 'Paris' }],
      ['get_time', { city: 'Rome' }],
    ]);
    const answer = await ask(secondTurn(calls));
    expect(answer).toMatchObject({ text: conclusion, toolCalls: [], finishReason: 'STOP' });
    expect(provider.requests.at(-1)?.body[script.field]).toEqual(script.secondTurn);
  });
});

describe('with mistral', () => {
  it.each(['openai', 'anthropic', 'google'])(
    'the ids that %s gave become nine letters and digits, and stay one pair',
    async (origin) => {
      const model = `${origin}/${scripts[origin]?.model}`;
      const calls = await faces['chat']?.({ model, messages: [user], tools });
      if (!calls) throw new Error('No answer');
      await faces['chat']?.({ model: 'mistral/mistral-large-latest', messages: secondTurn(calls), tools });
      const messages = provider.requests.at(-1)?.body['messages'] as {
        tool_calls?: { id: string }[];
        tool_call_id?: string;
      }[];
      const called = messages[1]?.tool_calls?.map(({ id }) => id) ?? [];
      expect(called).toEqual([expect.stringMatching(/^[a-zA-Z0-9]{9}$/), expect.stringMatching(/^[a-zA-Z0-9]{9}$/)]);
      expect(called[0]).not.toBe(called[1]);
      expect(messages.slice(2).map(({ tool_call_id }) => tool_call_id)).toEqual(called);
      expect(JSON.stringify(messages)).not.toMatch(/signature|providerState/i);
    },
  );
});
