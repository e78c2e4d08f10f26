import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { type ProviderServer, sendJson, sendStream, startProvider } from '../support/provider-server.ts';

/** The `ai` package, with its provider for OpenAI-compatible servers. */

let sandbox: RunningGateway;
let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['model'] === 'refused') return sendJson(response, 401, { error: { message: 'Incorrect API key' } });
    sendStream(response, 'data: {"id":"x","choices":[{"index":0,"delta":{"content":"Hel"}}]}\n\n');
  });
  sandbox = await openGateway({ yaml: quickSandbox });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const parley = ({ url }: RunningGateway) =>
  createOpenAICompatible({
    name: 'parley',
    baseURL: `${url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });

const weather = tool({
  description: 'The weather of a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `21 degrees in ${city}`,
});

describe('with the ai package', () => {
  it('a question is answered, with its usage', async () => {
    const { text, finishReason, usage } = await generateText({
      model: parley(sandbox)('anthropic/claude-sonnet-4-5'),
      instructions: 'Be brief.',
      prompt: 'Hello',
    });
    expect(text).toContain('You asked: “Hello”');
    expect(finishReason).toBe('stop');
    expect(usage.totalTokens).toBeGreaterThan(10);
  });

  it('a stream is read, with its usage', async () => {
    const result = streamText({ model: parley(sandbox)('cohere/command-a-03-2025'), prompt: 'Hello' });
    expect((await Array.fromAsync(result.textStream)).join('')).toContain('You asked: “Hello”');
    expect(await result.finishReason).toBe('stop');
    expect((await result.usage).totalTokens).toBeGreaterThan(10);
  });

  it('reasoning is typed as reasoning', async () => {
    const { reasoningText, text } = await generateText({
      model: parley(sandbox)('anthropic/claude-sonnet-4-5'),
      providerOptions: { parley: { reasoningEffort: 'high' } },
      prompt: 'Hello',
    });
    expect(reasoningText).toContain('The prompt has');
    expect(text).not.toContain('The prompt has');
  });

  it('tools are run, whole and streamed', async () => {
    const request = {
      model: parley(sandbox)('openai/gpt-4o'),
      tools: { get_weather: weather },
      stopWhen: stepCountIs(3),
      prompt: 'What is the weather in Paris?',
    };
    const { text, steps } = await generateText(request);
    expect(text).toContain('21 degrees in Paris');
    expect(steps).toHaveLength(2);
    expect(await streamText(request).text).toContain('21 degrees in Paris');
  });

  it('an answer follows a schema', async () => {
    const { output } = await generateText({
      model: parley(sandbox)('openai/gpt-4o'),
      output: Output.object({ schema: z.object({ name: z.string(), age: z.int() }) }),
      prompt: 'A person, please.',
    });
    expect(output).toEqual({ name: expect.any(String), age: expect.any(Number) });
  });

  it('a failure has its reason', async () => {
    const asking = generateText({ model: parley(gateway)('local/refused'), maxRetries: 0, prompt: 'Hello' });
    const error = await asking.catch((thrown: unknown) => thrown);
    if (!APICallError.isInstance(error)) throw error;
    expect(error).toMatchObject({ statusCode: 502, message: expect.stringContaining('refused the key') });
  });

  it('a stream that breaks is an error', async () => {
    const errors: unknown[] = [];
    const { fullStream } = streamText({
      model: parley(gateway)('local/cut'),
      maxRetries: 0,
      prompt: 'Hello',
      onError: ({ error }) => void errors.push(error),
    });
    const parts = await Array.fromAsync(fullStream);
    expect(parts.findLast(({ type }) => type === 'finish')).toMatchObject({ finishReason: 'error' });
    expect(JSON.stringify(errors)).toContain('upstream_truncated');
  });
});
