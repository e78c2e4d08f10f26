import { Anthropic, AnthropicSession } from '@llamaindex/anthropic';
import { OpenAI, OpenAIEmbedding, openaiResponses } from '@llamaindex/openai';
import { agent } from '@llamaindex/workflow';
import { extractText, type ToolCallLLM, tool } from 'llamaindex';
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

const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: ({ city }) => degreesIn(city),
});

type Address = { readonly url: string; readonly key: string };
const clients: Readonly<Record<string, (address: Address, model: string) => ToolCallLLM>> = {
  '@llamaindex/openai (chat)': ({ url, key }, model) =>
    new OpenAI({ model, apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 }),
  '@llamaindex/openai (Responses)': ({ url, key }, model) =>
    openaiResponses({ model, apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 }),
  '@llamaindex/anthropic': ({ url, key }, model) =>
    new Anthropic({
      model,
      apiKey: key,
      maxTokens: 2_000,
      maxRetries: 0,
      session: new AnthropicSession({ apiKey: key, baseURL: url }),
    } as never),
};
const cases = Object.keys(clients).flatMap((name) => models.map((model) => [name, model] as const));
/** LlamaIndex itself has no way to stop a stream, and offers tools to models of Anthropic's name only. */
const messages = [{ role: 'user' as const, content: question }];

describe.each(cases)('%s: %s', (name, model) => {
  const open = (address: Address) => clients[name]?.(address, model) as ToolCallLLM;

  it('whole', async () => {
    const { message } = await open(sandbox).chat({ messages });
    expect(extractText(message.content)).toMatch(answered);
  });

  it('streamed', async () => {
    const chunks = await Array.fromAsync(await open(sandbox).chat({ messages, stream: true }));
    expect(chunks.map(({ delta }) => delta).join('')).toMatch(answered);
  });

  it.skipIf(name.endsWith('anthropic') && !model.startsWith('anthropic'))('tools in two steps', async () => {
    const { data } = await agent({ llm: open(sandbox), tools: [weather] }).run(weatherQuestion);
    expect(String(data.result)).toMatch(told);
  });

  it('structured output', async () => {
    const { object } = await open(sandbox).exec({
      messages: [{ role: 'user', content: 'Use the tool' }],
      responseFormat: Person,
    });
    expect(Person.parse(object)).toBeTruthy();
  });

  it('a failure has its status', async () => {
    expect(await failureOf(open({ url: sandbox.url, key: 'nobody' }).chat({ messages }))).toMatchObject({
      status: 401,
    });
  });
});

it('@llamaindex/openai: embeddings', async () => {
  const embedding = new OpenAIEmbedding({
    model: 'openai/text-embedding-3-small',
    apiKey: sandbox.key,
    baseURL: `${sandbox.url}/v1`,
  });
  expect(await embedding.getTextEmbedding('a')).toHaveLength(1536);
});
