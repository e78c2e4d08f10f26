import OpenAI from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { describe, expect, it } from 'vitest';
import {
  answered,
  degreesIn,
  failureOf,
  models,
  Person,
  question,
  told,
  weatherQuestion,
  withSandbox,
} from './sandbox.ts';

let client: OpenAI;
let slow: OpenAI;
const sandbox = withSandbox(() => {
  client = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: sandbox.key });
  slow = new OpenAI({ baseURL: `${sandbox.slowUrl}/v1`, apiKey: sandbox.key });
});

const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const messages = [{ role: 'user' as const, content: question }];

describe.each(models)('openai, Responses: %s', (model) => {
  it('whole', async () => {
    const answer = await client.responses.create({ model, input: question });
    expect(answer.output_text).toMatch(answered);
    expect(answer.usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streamed', async () => {
    const stream = client.responses.stream({ model, input: question });
    let text = '';
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta;
    expect(text).toMatch(answered);
    expect((await stream.finalResponse()).output_text).toBe(text);
  });

  it('tools in two steps, with reasoning sent back', async () => {
    const tools = [{ type: 'function' as const, name: 'weather', parameters, strict: true }];
    const input: OpenAI.Responses.ResponseInput = [{ role: 'user', content: weatherQuestion }];
    const include = ['reasoning.encrypted_content' as const];
    const first = await client.responses.create({ model, input, tools, include, store: false });
    const calls = first.output.filter((item) => item.type === 'function_call');
    expect(calls).not.toHaveLength(0);
    input.push(...(first.output as OpenAI.Responses.ResponseInput));
    for (const call of calls) {
      const { city } = JSON.parse(call.arguments);
      input.push({ type: 'function_call_output', call_id: call.call_id, output: degreesIn(city) });
    }
    const second = await client.responses.create({ model, input, tools, include, store: false });
    expect(second.output_text).toMatch(told);
  });

  it('structured output', async () => {
    const text = { format: zodTextFormat(Person, 'person') };
    const { output_parsed: parsed } = await client.responses.parse({ model, input: question, text });
    expect(Person.parse(parsed)).toBeTruthy();
  });

  it('abort', async () => {
    const stream = await slow.responses.create({ model, input: question, stream: true });
    for await (const _ of stream) break;
    await sandbox.stopped();
  });
});

describe.each(models)('openai, Chat Completions: %s', (model) => {
  it('whole', async () => {
    const { choices, usage } = await client.chat.completions.create({ model, messages });
    expect(choices[0]?.message.content).toMatch(answered);
    expect(usage?.total_tokens).toBeGreaterThan(0);
  });

  it('streamed', async () => {
    const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
    const { choices, usage } = await stream.finalChatCompletion();
    expect(choices[0]?.message.content).toMatch(answered);
    expect(usage?.total_tokens).toBeGreaterThan(0);
  });

  it('tools in two steps', async () => {
    const runner = client.chat.completions.runTools({
      model,
      messages: [{ role: 'user', content: weatherQuestion }],
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'The weather of a city',
            parameters,
            parse: JSON.parse,
            function: ({ city }: { city: string }) => degreesIn(city),
          },
        },
      ],
    });
    expect(await runner.finalContent()).toMatch(told);
  });

  it('structured output', async () => {
    const response_format = zodResponseFormat(Person, 'person');
    const { choices } = await client.chat.completions.parse({ model, messages, response_format });
    expect(Person.parse(choices[0]?.message.parsed)).toBeTruthy();
  });

  it('abort', async () => {
    const stream = await slow.chat.completions.create({ model, messages, stream: true });
    for await (const _ of stream) break;
    await sandbox.stopped();
  });
});

describe('openai, failures', () => {
  it('have the classes of the SDK', async () => {
    const [model] = models;
    const poor = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: sandbox.poorKey, maxRetries: 0 });
    const nobody = new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: 'nobody', maxRetries: 0 });
    expect(await failureOf(nobody.responses.create({ model, input: question }))).toBeInstanceOf(
      OpenAI.AuthenticationError,
    );
    expect(await failureOf(client.responses.create({ model, input: question, temperature: 9 }))).toMatchObject({
      status: 400,
      param: 'temperature',
    });
    await poor.responses.create({ model, input: question });
    expect(await failureOf(poor.responses.create({ model, input: question }))).toBeInstanceOf(OpenAI.RateLimitError);
    expect(await failureOf(poor.chat.completions.create({ model, messages }))).toBeInstanceOf(OpenAI.RateLimitError);
  });
});

describe('openai, what else it calls', () => {
  it('lists models, embeds, and completes', async () => {
    const listed = await Array.fromAsync(client.models.list());
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining([...models]));
    const { data } = await client.embeddings.create({ model: 'openai/text-embedding-3-small', input: ['a', 'b'] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([1536, 1536]);
    const { choices } = await client.completions.create({ model: models[0], prompt: question });
    expect(choices[0]?.text).toMatch(answered);
  });
});
