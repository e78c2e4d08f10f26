import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query, streamed } from '../support/graphql-client.ts';

/** The sandbox plays sources, files, tiers and caches on each wire that has them, whole and streamed alike. */

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const fields = `text serviceTier files { mediaType data } citations { url places { start end } }
  logprobs { token topLogprobs { token } } usage { cacheReadInputTokens webSearchCalls codeExecutionCalls }`;
const whole = `query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { ${fields} } ... on ChatFailure { code message } } }`;
const stream = `subscription ($input: ChatInput!) { chatStream(input: $input) { __typename ... on ServerToolEvent { tool status }
  ... on CompletionFinished { ${fields} } ... on CompletionFailed { code message } } }`;

const search = { serverTools: [{ webSearch: {} }] };
const both = { serverTools: [{ webSearch: {} }, { codeExecution: {} }] };
const image = { outputModalities: ['TEXT', 'IMAGE'] };

describe.each([
  ['openai/gpt-5', both],
  ['anthropic/claude-sonnet-4-5', both],
  ['google/gemini-2.5-flash', both],
  ['xai/grok-4.5', search],
  ['mistral/mistral-large-latest', search],
  ['perplexity/perplexity/sonar', search],
  ['qwen/qwen3.8-max', search],
  ['openai/gpt-5', image],
  ['google/gemini-2.5-flash-image', image],
  ['openai/gpt-audio', { outputModalities: ['TEXT', 'AUDIO'], speech: { format: 'PCM16' } }],
  ['openai/gpt-4.1', { logprobs: true, topLogprobs: 2 }],
  ['google/gemini-2.5-flash', { logprobs: true, topLogprobs: 1 }],
  ['cohere/command-a-03-2025', { logprobs: true }],
  ['openai/gpt-5', { serviceTier: 'PRIORITY' }],
  ['anthropic/claude-sonnet-4-5', { promptCache: {} }],
  ['openai/gpt-5', { promptCache: { key: 'c1' } }],
] as const)('%s with %j', (model, more) => {
  const input = { model, messages: [{ role: 'USER', content: 'Does it rain in Lyon?' }], ...more };

  it('answers the same whole and streamed', async () => {
    const { data } = await query(gateway.url, whole, { input });
    const answer = data?.['chat'] as Record<string, unknown>;
    expect(answer).toMatchObject({ __typename: 'Completion' });
    const events = await streamed(gateway.url, input, stream);
    expect(events.at(-1)).toEqual({ ...answer, __typename: 'CompletionFinished' });
    const hasTools = 'serverTools' in more;
    const told = events.filter(({ __typename }) => __typename === 'ServerToolEvent');
    // Mistral and Qwen tell nothing of it but their sources.
    if (hasTools && !/^(mistral|qwen)/.test(model)) expect(told.length).toBeGreaterThan(0);
    if (hasTools) expect(answer['citations']).not.toEqual([]);
    if ('outputModalities' in more) expect(answer['files']).not.toEqual([]);
  });
});
