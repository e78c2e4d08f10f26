import { ChatAnthropic } from '@langchain/anthropic';
import type { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { type BaseMessage, HumanMessage, ToolMessage } from '@langchain/core/messages';
import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
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

const weather = tool(({ city }) => degreesIn(city), {
  name: 'weather',
  description: 'The weather of a city',
  schema: z.object({ city: z.string() }),
});

type Address = { readonly url: string; readonly key: string };
const openAi = ({ url, key }: Address, model: string, useResponsesApi: boolean) =>
  new ChatOpenAI({ model, apiKey: key, configuration: { baseURL: `${url}/v1` }, useResponsesApi, maxRetries: 0 });
const clients = {
  '@langchain/openai (Responses)': (address: Address, model: string) => openAi(address, model, true),
  '@langchain/openai (chat)': (address: Address, model: string) => openAi(address, model, false),
  '@langchain/anthropic': ({ url, key }: Address, model: string) =>
    new ChatAnthropic({ model, apiKey: key, anthropicApiUrl: url, maxTokens: 2_000, maxRetries: 0 }),
};
const cases = Object.entries(clients).flatMap(([name, open]) => models.map((model) => [name, model, open] as const));

describe.each(cases)('%s: %s', (_name, model, open) => {
  const quick = () => open(sandbox, model);

  it('whole', async () => {
    const answer = await quick().invoke(question);
    expect(answer.text).toMatch(answered);
    expect(answer).toMatchObject({ usage_metadata: { total_tokens: expect.any(Number) } });
  });

  it('streamed', async () => {
    const chunks = await Array.fromAsync(await quick().stream(question));
    expect(chunks.map(({ text }) => text).join('')).toMatch(answered);
  });

  it('tools in two steps', async () => {
    const withTools = (quick() as BaseChatModel).bindTools?.([weather]);
    if (!withTools) return expect.fail('It has no tools');
    const messages: BaseMessage[] = [new HumanMessage(weatherQuestion)];
    const first = (await withTools.invoke(messages)) as BaseMessage & { tool_calls?: { id?: string; args: object }[] };
    messages.push(first);
    for (const { id = '', args } of first.tool_calls ?? []) {
      const content = await weather.invoke(args as { city: string });
      messages.push(new ToolMessage({ tool_call_id: id, content }));
    }
    expect(messages.length).toBeGreaterThan(2);
    expect((await withTools.invoke(messages)).text).toMatch(told);
  });

  it('structured output', async () => {
    const answer = await (quick() as BaseChatModel).withStructuredOutput(Person).invoke(question);
    expect(Person.parse(answer)).toBeTruthy();
  });

  it('abort', async () => {
    const controller = new AbortController();
    const stream = await open({ url: sandbox.slowUrl, key: sandbox.key }, model).stream(question, {
      signal: controller.signal,
    });
    try {
      for await (const _ of stream) controller.abort();
    } catch {
      // The abort is an error of the stream.
    }
    await sandbox.stopped();
  });

  it('a failure has its status', async () => {
    const failure = await failureOf(open({ url: sandbox.url, key: 'nobody' }, model).invoke(question));
    expect(failure).toMatchObject({ status: 401 });
  });
});

it('@langchain/openai: embeddings', async () => {
  const embeddings = new OpenAIEmbeddings({
    model: 'cohere/embed-v4.0',
    apiKey: sandbox.key,
    configuration: { baseURL: `${sandbox.url}/v1` },
  });
  expect((await embeddings.embedDocuments(['a', 'b'])).map(({ length }) => length)).toEqual([1536, 1536]);
});
