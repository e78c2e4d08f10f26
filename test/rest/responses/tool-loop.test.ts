import OpenAI from 'openai';
import type { FunctionTool, Response, ResponseInput } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openToolScriptsGateway, type ToolScriptsGateway } from '../../support/tool-scripts-gateway.ts';
import { conclusion, providerOf, question, scripts, time, weather } from '../../witnesses/support-tool-scripts.ts';

/** Two turns with two tool calls by OpenAI's Responses API, which sends the items of an answer back unchanged, for models of each wire. */

let opened: ToolScriptsGateway;
let client: OpenAI;
beforeAll(async () => {
  opened = await openToolScriptsGateway();
  client = new OpenAI({ baseURL: `${opened.gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
});
afterAll(() => opened.close());

type Request = Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'stream'>;

const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const toolOf = (name: string): FunctionTool => ({ type: 'function', name, parameters, strict: false });
const results: Readonly<Record<string, string>> = { get_weather: weather, get_time: time };

const ways: Readonly<Record<string, (request: Request) => Promise<Response>>> = {
  whole: (request) => client.responses.create(request),
  streamed: (request) => client.responses.stream(request).finalResponse(),
  'by reference': (request) => client.responses.stream(request).finalResponse(),
};

describe.each(Object.entries(scripts))('with %s', (name, { model, options = {}, field, secondTurn }) => {
  it.each(Object.keys(ways))('the second turn contains all of the first (%s)', async (way) => {
    const input: ResponseInput = [{ role: 'user', content: question }];
    const ask = () =>
      ways[way]?.({
        model: `${providerOf(name)}/${model}`,
        input,
        tools: [toolOf('get_weather'), toolOf('get_time')],
        store: false,
        include: ['reasoning.encrypted_content'],
        ...('reasoningEffort' in options && { reasoning: { effort: 'high' } }),
      });
    const first = await ask();
    if (!first) throw new Error('No answer');
    expect(first.status).toBe('completed');
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls).toHaveLength(2);
    // A client that expects its items to be stored sends references to reasoning.
    input.push(
      ...(first.output.map((item) =>
        item.type === 'reasoning' && way === 'by reference' ? { type: 'item_reference' as const, id: item.id } : item,
      ) as ResponseInput),
    );
    for (const { call_id, name: called } of calls) {
      input.push({ type: 'function_call_output', call_id, output: results[called] ?? '' });
    }
    const answer = await ask();
    expect(answer).toMatchObject({ status: 'completed', output_text: conclusion });
    expect(opened.provider.requests.at(-1)?.body[field]).toEqual(secondTurn);
    expect(JSON.stringify(answer)).not.toMatch(/"warnings":\[\{/);
  });
});
