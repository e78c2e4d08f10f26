import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, embedMany, generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
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

const sandbox = withSandbox();

type Address = { readonly url: string; readonly key: string };
const providers: Readonly<Record<string, (address: Address, model: string) => LanguageModel>> = {
  '@ai-sdk/openai (Responses)': ({ url, key }, model) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key })(model),
  '@ai-sdk/openai (chat)': ({ url, key }, model) => createOpenAI({ baseURL: `${url}/v1`, apiKey: key }).chat(model),
  '@ai-sdk/anthropic': ({ url, key }, model) => createAnthropic({ baseURL: `${url}/v1`, apiKey: key })(model),
  '@ai-sdk/openai-compatible': ({ url, key }, model) =>
    createOpenAICompatible({
      ...{ name: 'parley', baseURL: `${url}/v1`, apiKey: key },
      ...{ includeUsage: true, supportsStructuredOutputs: true },
    })(model),
};
const cases = Object.keys(providers).flatMap((name) => models.map((model) => [name, model] as const));

describe.each(cases)('ai with %s: %s', (name, id) => {
  const open = (address: Address) => providers[name]?.(address, id) as LanguageModel;
  const quick = () => open(sandbox);

  it('whole', async () => {
    const { text, usage } = await generateText({ model: quick(), prompt: question });
    expect(text).toMatch(answered);
    expect(usage.totalTokens).toBeGreaterThan(0);
  });

  it('streamed', async () => {
    const result = streamText({ model: quick(), prompt: question });
    expect((await Array.fromAsync(result.textStream)).join('')).toMatch(answered);
    expect((await result.usage).totalTokens).toBeGreaterThan(0);
  });

  it('tools in two steps, whole and streamed', async () => {
    const asked = {
      model: quick(),
      prompt: weatherQuestion,
      stopWhen: stepCountIs(3),
      tools: {
        weather: tool({
          description: 'The weather of a city',
          inputSchema: z.object({ city: z.string() }),
          execute: async ({ city }) => degreesIn(city),
        }),
      },
    };
    expect((await generateText(asked)).text).toMatch(told);
    expect(await streamText(asked).text).toMatch(told);
  });

  it('structured output', async () => {
    const { output } = await generateText({
      model: quick(),
      prompt: question,
      output: Output.object({ schema: Person }),
    });
    expect(Person.parse(output)).toBeTruthy();
  });

  it('abort', async () => {
    const controller = new AbortController();
    const model = open({ url: sandbox.slowUrl, key: sandbox.key });
    const { textStream } = streamText({ model, prompt: question, abortSignal: controller.signal });
    for await (const _ of textStream) controller.abort();
    await sandbox.stopped();
  });

  it('a failure has its status', async () => {
    const asked = generateText({ model: open({ url: sandbox.url, key: 'nobody' }), prompt: question, maxRetries: 0 });
    const failure = await failureOf(asked);
    expect(failure).toBeInstanceOf(APICallError);
    expect(failure).toMatchObject({ statusCode: 401, isRetryable: false });
  });
});

it('ai with @ai-sdk/openai: embeddings', async () => {
  const model = createOpenAI({ baseURL: `${sandbox.url}/v1`, apiKey: sandbox.key }).embedding('mistral/mistral-embed');
  const { embeddings } = await embedMany({ model, values: ['a', 'b'] });
  expect(embeddings.map(({ length }) => length)).toEqual([1024, 1024]);
});
