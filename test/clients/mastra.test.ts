import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
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

const weather = createTool({
  id: 'weather',
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ weather: degreesIn(city) }),
});

describe.each(models)('@mastra/core: %s', (model) => {
  const open = (url = sandbox.url, apiKey = sandbox.key, tools = {}) =>
    new Agent({
      id: 'assistant',
      name: 'Assistant',
      instructions: 'Be brief.',
      model: { id: `parley/${model}`, url: `${url}/v1`, apiKey },
      tools,
      maxRetries: 0,
    });

  it('whole', async () => {
    expect((await open().generate(question)).text).toMatch(answered);
  });

  it('streamed', async () => {
    const { textStream } = await open().stream(question);
    expect((await Array.fromAsync(textStream)).join('')).toMatch(answered);
  });

  it('tools in two steps, whole and streamed', async () => {
    const agent = open(sandbox.url, sandbox.key, { weather });
    expect((await agent.generate(weatherQuestion)).text).toMatch(told);
    expect(await (await agent.stream(weatherQuestion)).text).toMatch(told);
  });

  it('structured output', async () => {
    const { object } = await open().generate(question, { structuredOutput: { schema: Person } });
    expect(Person.parse(object)).toBeTruthy();
  });

  it('abort', async () => {
    const controller = new AbortController();
    const { textStream } = await open(sandbox.slowUrl).stream(question, { abortSignal: controller.signal });
    try {
      for await (const _ of textStream) controller.abort();
    } catch {
      // The abort may be an error of the stream.
    }
    await sandbox.stopped();
  });

  it('a failure has its status', async () => {
    expect(await failureOf(open(sandbox.url, 'nobody').generate(question))).toMatchObject({ statusCode: 401 });
  });
});
