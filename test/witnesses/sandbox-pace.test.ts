import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { anyModel } from '../support/any-model.ts';

/** A sandbox with a pace writes as a model does: piece by piece, to the end. */

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ firstTokenMs: 5, tokensPerSecond: 1000 }, anyModel);
});
afterAll(() => sandbox.close());

const messages = [{ role: 'user' as const, content: 'Hello' }];

it('gives the SDK of openai many pieces, and then the end', async () => {
  const client = new OpenAI({ baseURL: sandbox.baseUrl('openai').href, apiKey: 'any', maxRetries: 0 });
  const pieces: string[] = [];
  const endings: string[] = [];
  for await (const { choices } of await client.chat.completions.create({ model: 'gpt', messages, stream: true })) {
    if (choices[0]?.delta.content) pieces.push(choices[0].delta.content);
    if (choices[0]?.finish_reason) endings.push(choices[0].finish_reason);
  }
  expect(pieces.length).toBeGreaterThan(20);
  expect(pieces.join('')).toMatch(/^Hello .*You asked: “Hello”.*\.$/s);
  expect(endings).toEqual(['stop']);
});

it('gives the SDK of anthropic many pieces, and then the end', async () => {
  const client = new Anthropic({ baseURL: sandbox.baseUrl('anthropic').href, apiKey: 'any', maxRetries: 0 });
  const pieces: string[] = [];
  const stream = client.messages.stream({ model: 'claude', max_tokens: 1000, messages });
  stream.on('text', (piece) => pieces.push(piece));
  const { content, stop_reason } = await stream.finalMessage();
  expect(pieces.length).toBeGreaterThan(20);
  expect(content).toMatchObject([{ type: 'text', text: pieces.join('') }]);
  expect(stop_reason).toBe('end_turn');
});
