import Instructor from '@instructor-ai/instructor';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod/v3';
import { failureOf, models, question, withSandbox } from './sandbox.ts';

const sandbox = withSandbox();

const Person = z.object({ name: z.string(), age: z.number() });
const messages = [{ role: 'user' as const, content: question }];
/** The others describe the schema in the prompt alone, which the sandbox does not follow. */
const modes = ['TOOLS', 'JSON_SCHEMA'] as const;

describe.each(models.flatMap((model) => modes.map((mode) => [model, mode] as const)))(
  '@instructor-ai/instructor: %s, %s',
  (model, mode) => {
    const open = (apiKey = sandbox.key) =>
      Instructor({ client: new OpenAI({ baseURL: `${sandbox.url}/v1`, apiKey, maxRetries: 0 }) as never, mode });

    it('whole', async () => {
      const response_model = { schema: Person, name: 'Person' };
      const person = await open().chat.completions.create({ model, messages, response_model, max_retries: 0 });
      expect(Person.parse(person)).toBeTruthy();
    });

    it('streamed', async () => {
      const response_model = { schema: Person, name: 'Person' };
      const asked = { model, messages, response_model, max_retries: 0, stream: true as const };
      let last: unknown;
      for await (const partial of await open().chat.completions.create(asked)) last = partial;
      expect(Person.parse(last)).toBeTruthy();
    });

    it('a failure is one', async () => {
      const response_model = { schema: Person, name: 'Person' };
      const asked = open('nobody').chat.completions.create({ model, messages, response_model, max_retries: 0 });
      expect(String(await failureOf(asked))).toContain('401');
    });
  },
);
