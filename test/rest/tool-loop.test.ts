import OpenAI from 'openai';
import type { ChatCompletion, ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
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

/**
 * Two turns with two tool calls, by code written for OpenAI that ignores signed reasoning: it sends each message back unchanged,
 * and the provider receives its own state with it.
 */

let provider: ProviderServer;
let gateway: RunningGateway;
let client: OpenAI;
beforeAll(async () => {
  provider = await startProvider(({ path, body }, response) => {
    const script = scriptAt(path);
    const { whole, events } = (JSON.stringify(body).includes('celsius') ? script?.text : script?.calls) ?? {};
    if (body['stream'] !== true && !path.includes(':stream')) return sendJson(response, 200, whole);
    const lines = events?.map((event) => `event: ${event['type']}\ndata: ${JSON.stringify(event)}\n\n`).join('') ?? '';
    sendStream(response, /anthropic|google|responses/.test(path) ? lines : `${lines}data: [DONE]\n\n`);
  });
  gateway = await openGateway({
    env: Object.fromEntries(
      [...new Set(Object.keys(scripts).map(providerOf))].flatMap((name) => [
        [`${name.toUpperCase()}_API_KEY`, 'test-key'],
        [`${name.toUpperCase()}_BASE_URL`, `${provider.url}/${name}`],
      ]),
    ),
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: ChatCompletionTool[] = [
  { type: 'function', function: { name: 'get_weather', parameters } },
  { type: 'function', function: { name: 'get_time', parameters } },
];
const results: Readonly<Record<string, string>> = { get_weather: weather, get_time: time };

const ways: Readonly<Record<string, (request: Request) => Promise<ChatCompletion>>> = {
  whole: (request) => client.chat.completions.create(request),
  streamed: (request) => client.chat.completions.stream(request).finalChatCompletion(),
};
type Request = {
  model: string;
  messages: ChatCompletionMessageParam[];
  tools: ChatCompletionTool[];
  reasoning_effort?: 'high';
};

describe.each(Object.entries(scripts))('with %s', (name, { model, options = {}, field, secondTurn }) => {
  const isReasoning = 'reasoningEffort' in options;

  it.each(Object.keys(ways))('the second turn contains all of the first (%s)', async (way) => {
    const messages: ChatCompletionMessageParam[] = [{ role: 'user', content: question }];
    const ask = () =>
      ways[way]?.({
        model: `${providerOf(name)}/${model}`,
        messages,
        tools,
        ...(isReasoning && { reasoning_effort: 'high' }),
      });
    const [choice] = (await ask())?.choices ?? [];
    if (!choice) throw new Error('No answer');
    expect(choice.finish_reason).toBe('tool_calls');
    messages.push(choice.message);
    for (const call of choice.message.tool_calls ?? []) {
      if (call.type !== 'function') throw new Error('No call of a function');
      messages.push({ role: 'tool', tool_call_id: call.id, content: results[call.function.name] ?? '' });
    }
    const answer = await ask();
    expect(answer?.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: conclusion } });
    expect(provider.requests.at(-1)?.body[field]).toEqual(secondTurn);
    expect(JSON.stringify(answer)).not.toMatch(/"warnings":\[\{/);
  });
});
