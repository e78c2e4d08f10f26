import { Agent, OpenAIProvider, Runner, setTracingDisabled, tool } from '@openai/agents';
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

const sandbox = withSandbox(() => {
  setTracingDisabled(true);
});

const weather = tool({
  name: 'weather',
  description: 'The weather of a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => degreesIn(city),
});

describe.each([true, false])('@openai/agents (Responses: %s)', (useResponses) => {
  const runner = (url = sandbox.url, apiKey = sandbox.key) =>
    new Runner({ modelProvider: new OpenAIProvider({ baseURL: `${url}/v1`, apiKey, useResponses }) });

  describe.each(models)('%s', (model) => {
    const agent = () => new Agent({ name: 'Assistant', instructions: 'Be brief.', model });

    it('whole', async () => {
      const { finalOutput } = await runner().run(agent(), question);
      expect(finalOutput).toMatch(answered);
    });

    it('streamed', async () => {
      const result = await runner().run(agent(), question, { stream: true });
      const pieces = await Array.fromAsync(result.toTextStream());
      await result.completed;
      expect(pieces.join('')).toMatch(answered);
    });

    it('tools in two steps, whole and streamed', async () => {
      const withTools = new Agent({ name: 'Weather', model, tools: [weather] });
      expect((await runner().run(withTools, weatherQuestion)).finalOutput).toMatch(told);
      const streamed = await runner().run(withTools, weatherQuestion, { stream: true });
      await streamed.completed;
      expect(streamed.finalOutput).toMatch(told);
    });

    it('structured output', async () => {
      const { finalOutput } = await runner().run(new Agent({ name: 'People', model, outputType: Person }), question);
      expect(Person.parse(finalOutput)).toBeTruthy();
    });

    it('abort', async () => {
      const controller = new AbortController();
      const result = await runner(sandbox.slowUrl).run(agent(), question, { stream: true, signal: controller.signal });
      try {
        for await (const _ of result.toTextStream()) controller.abort();
        await result.completed;
      } catch {
        // Its stream may end with the abort as an error.
      }
      await sandbox.stopped();
    });

    it('a failure has its status', async () => {
      const failure = await failureOf(runner(sandbox.url, 'nobody').run(agent(), question));
      expect(failure).toMatchObject({ status: 401 });
    });
  });
});
