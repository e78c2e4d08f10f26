import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openToolScriptsGateway, type ToolScriptsGateway } from '../../support/tool-scripts-gateway.ts';
import { conclusion, providerOf, question, scripts, time, weather } from '../../witnesses/support-tool-scripts.ts';

/** Two turns with two tool calls by Anthropic's SDK, which sends the blocks of an answer back unchanged, for models of each wire. */

let opened: ToolScriptsGateway;
let client: Anthropic;
beforeAll(async () => {
  opened = await openToolScriptsGateway();
  client = new Anthropic({ baseURL: opened.gateway.url, apiKey: 'any', maxRetries: 0 });
});
afterAll(() => opened.close());

type Request = Anthropic.MessageCreateParamsNonStreaming;

const input_schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const tools: Request['tools'] = [
  { name: 'get_weather', input_schema },
  { name: 'get_time', input_schema },
];
const results: Readonly<Record<string, string>> = { get_weather: weather, get_time: time };

const ways: Readonly<Record<string, (request: Request) => Promise<Anthropic.Message>>> = {
  whole: (request) => client.messages.create(request),
  streamed: (request) => client.messages.stream(request).finalMessage(),
};

describe.each(Object.entries(scripts))('with %s', (name, { model, options = {}, field, secondTurn }) => {
  it.each(Object.keys(ways))('the second turn contains all of the first (%s)', async (way) => {
    const said: Anthropic.MessageParam[] = [{ role: 'user', content: question }];
    const ask = () =>
      ways[way]?.({
        model: `${providerOf(name)}/${model}`,
        max_tokens: 4_000,
        messages: said,
        tools,
        ...('reasoningEffort' in options && { thinking: { type: 'adaptive' } }),
      } as Request);
    const first = await ask();
    if (!first) throw new Error('No answer');
    expect(first.stop_reason).toBe('tool_use');
    said.push({ role: 'assistant', content: first.content });
    const calls = first.content.filter((block) => block.type === 'tool_use');
    expect(calls).toHaveLength(2);
    said.push({
      role: 'user',
      content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: results[call.name] ?? '' })),
    });
    const answer = await ask();
    expect(answer).toMatchObject({ stop_reason: 'end_turn' });
    expect(answer?.content.find((block) => block.type === 'text')?.text).toBe(conclusion);
    expect(opened.provider.requests.at(-1)?.body[field]).toEqual(secondTurn);
    expect(JSON.stringify(answer)).not.toMatch(/"warnings":\[\{/);
  });
});
