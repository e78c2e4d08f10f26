import Anthropic from '@anthropic-ai/sdk';
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
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

let client: Anthropic;
const sandbox = withSandbox(() => {
  client = new Anthropic({ baseURL: sandbox.url, apiKey: sandbox.key });
});

const asked = { max_tokens: 2_000, messages: [{ role: 'user' as const, content: question }] };

const textOf = ({ content }: { content: readonly { type: string }[] }) =>
  content.flatMap((block) => ('text' in block ? [block.text] : [])).join('');

describe.each(models)('@anthropic-ai/sdk: %s', (model) => {
  it('whole', async () => {
    const answer = await client.messages.create({ ...asked, model });
    expect(textOf(answer)).toMatch(answered);
    expect(answer.usage.output_tokens).toBeGreaterThan(0);
  });

  it('streamed', async () => {
    const stream = client.messages.stream({ ...asked, model });
    const texts: string[] = [];
    stream.on('text', (text) => texts.push(text));
    const answer = await stream.finalMessage();
    expect(textOf(answer)).toMatch(answered);
    expect(texts.join('')).toBe(textOf(answer));
  });

  it.each([true, false])('tools in two steps (streamed: %s)', async (stream) => {
    const runner = client.beta.messages.toolRunner({
      model,
      max_tokens: 2_000,
      stream,
      messages: [{ role: 'user', content: weatherQuestion }],
      tools: [
        betaZodTool({
          name: 'weather',
          description: 'The weather of a city',
          inputSchema: z.object({ city: z.string() }),
          run: ({ city }) => degreesIn(city),
        }),
      ],
    });
    expect(textOf(await runner.runUntilDone())).toMatch(told);
  });

  it('structured output', async () => {
    const answer = await client.messages.parse({ ...asked, model, output_config: { format: zodOutputFormat(Person) } });
    expect(Person.parse(answer.parsed_output)).toBeTruthy();
  });

  it('abort', async () => {
    const slow = new Anthropic({ baseURL: sandbox.slowUrl, apiKey: sandbox.key });
    for await (const _ of await slow.messages.create({ ...asked, model, stream: true })) break;
    await sandbox.stopped();
  });

  it('counts tokens', async () => {
    const { messages } = asked;
    expect((await client.messages.countTokens({ model, messages })).input_tokens).toBeGreaterThan(0);
  });
});

describe('@anthropic-ai/sdk, failures', () => {
  it('have the classes of the SDK', async () => {
    const [model] = models;
    const poor = new Anthropic({ baseURL: sandbox.url, apiKey: sandbox.poorKey, maxRetries: 0 });
    const nobody = new Anthropic({ baseURL: sandbox.url, apiKey: 'nobody', maxRetries: 0 });
    expect(await failureOf(nobody.messages.create({ ...asked, model }))).toBeInstanceOf(Anthropic.AuthenticationError);
    expect(await failureOf(client.messages.create({ ...asked, model, max_tokens: 0 }))).toBeInstanceOf(
      Anthropic.BadRequestError,
    );
    await poor.messages.create({ ...asked, model });
    expect(await failureOf(poor.messages.create({ ...asked, model }))).toBeInstanceOf(Anthropic.RateLimitError);
  });

  it('models are listed in its shape', async () => {
    const listed = await Array.fromAsync(client.models.list());
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining([...models]));
  });
});
