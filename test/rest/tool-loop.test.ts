import OpenAI from 'openai';
import type { ChatCompletion, ChatCompletionMessageParam, ChatCompletionTool } from 'openai/resources/chat/completions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openToolScriptsGateway, type ToolScriptsGateway } from '../support/tool-scripts-gateway.ts';
import { conclusion, providerOf, question, scripts, time, weather } from '../witnesses/support-tool-scripts.ts';

/**
 * Two turns with two tool calls, by code written for OpenAI that ignores signed reasoning: it sends each message back unchanged,
 * and the provider receives its own state with it.
 */

let opened: ToolScriptsGateway;
let client: OpenAI;
beforeAll(async () => {
  opened = await openToolScriptsGateway();
  client = new OpenAI({ baseURL: `${opened.gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
});
afterAll(() => opened.close());

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const tools: ChatCompletionTool[] = [
  { type: 'function', function: { name: 'get_weather', parameters } },
  { type: 'function', function: { name: 'get_time', parameters } },
];
const results: Readonly<Record<string, string>> = { get_weather: weather, get_time: time };

type Message = ChatCompletion['choices'][number]['message'] & { provider_state?: string; reasoning_details?: object[] };

/** What clients send back of an answer's message: some know only the fields of other gateways. */
const returns: Readonly<Record<string, (message: Message) => object>> = {
  everything: (message) => message,
  reasoning_details: ({ provider_state: _, ...message }) => message,
  extra_content: ({ provider_state: _, reasoning_details: __, ...message }) => message,
};
const { extra_content: _google, ...others } = returns;

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

  const returned = Object.keys(name === 'google' ? returns : others);

  it.each(Object.keys(ways).flatMap((way) => returned.map((what) => [way, what] as const)))(
    'the second turn contains all of the first (%s; a client that returns %s)',
    async (way, what) => {
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
      messages.push((returns[what] ?? String)(choice.message) as ChatCompletionMessageParam);
      for (const call of choice.message.tool_calls ?? []) {
        if (call.type !== 'function') throw new Error('No call of a function');
        messages.push({ role: 'tool', tool_call_id: call.id, content: results[call.function.name] ?? '' });
      }
      const answer = await ask();
      expect(answer?.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: conclusion } });
      expect(opened.provider.requests.at(-1)?.body[field]).toEqual(secondTurn);
      expect(JSON.stringify(answer)).not.toMatch(/"warnings":\[\{/);
    },
  );
});
