import type { ChatRequest } from '../core/chat.ts';
import type { Usage } from '../core/completion.ts';
import type { ContentPart, Message } from '../core/message.ts';
import type { Target } from '../core/model.ts';
import type { CostOf, WorstCase } from '../core/operation.ts';

/**
 * Estimates what a request may use. There is no tokenizer: providers have different ones, and a caller's limits must
 * not depend on which of them answers. docs/limits.md documents the rules.
 */

/**
 * Bytes of UTF-8 per token: English has more than four, Chinese and code about three. The estimate is rather high than
 * low.
 */
const bytesPerToken = 3;
/** Tokens that wires add for a message, a tool or a call. */
const overheadTokens = 8;
const tokensOfImage = 1_500;
/** Output without maxTokens for rate limits. Most answers are shorter. */
const typicalOutputTokens = 1_024;
/** Output without maxTokens for budgets: the model's maximum, or this where it is unknown. */
const maxOutputTokens = 32_768;

/** A usage of two counts without details. */
export function plainUsage(inputTokens: number, outputTokens: number): Usage {
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cacheReadInputTokens: undefined,
    cacheWriteInputTokens: undefined,
    reasoningOutputTokens: undefined,
  };
}

export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / bytesPerToken);
}

/** Bytes that a model reads: texts, tools, schemas and inline media. */
export function inputBytes({ messages, tools, responseFormat, stop = [] }: ChatRequest): number {
  const schema = responseFormat?.type === 'json_schema' ? bytesOf(JSON.stringify(responseFormat)) : 0;
  const offered = tools.reduce((sum, tool) => sum + bytesOf(JSON.stringify(tool)), 0);
  const stops = stop.reduce((sum, text) => sum + bytesOf(text), 0);
  return messages.reduce(
    (sum, message) => sum + bytesOf(textOf(message)) + bytesOfImages(message),
    schema + offered + stops,
  );
}

/** By request: several targets, the reservation and the meter ask for the same number. */
const countedTokens = new WeakMap<ChatRequest, number>();

export function inputTokens(request: ChatRequest): number {
  const counted = countedTokens.get(request);
  if (counted !== undefined) return counted;
  const { messages, tools } = request;
  const images = messages.flatMap(partsOf).filter(({ type }) => type === 'image').length;
  const text = inputBytes(request) - messages.reduce((sum, message) => sum + bytesOfImages(message), 0);
  const tokens = tokensOfBytes(text) + images * tokensOfImage + (messages.length + tools.length) * overheadTokens;
  countedTokens.set(request, tokens);
  return tokens;
}

/** The worst case of asking one target. `usd` is undefined where its price is not known. */
export function worstCase(request: ChatRequest, target: Target, costOf: CostOf): WorstCase {
  const input = inputTokens(request);
  const limit = request.maxTokens ?? target.parameters?.maxTokens;
  const usd = costOf(target, plainUsage(input, outputLimit(request, target)));
  return { tokens: input + (limit ?? typicalOutputTokens), usd };
}

/** The most tokens that an answer may have. */
export function outputLimit({ maxTokens }: ChatRequest, { parameters, facts }: Target): number {
  return maxTokens ?? parameters?.maxTokens ?? facts?.maxOutputTokens ?? maxOutputTokens;
}

function partsOf(message: Message): readonly ContentPart[] {
  return message.role === 'user' ? message.parts : [];
}

function bytesOfImages(message: Message): number {
  return partsOf(message).reduce((sum, part) => sum + (part.type === 'image' ? part.url.length : 0), 0);
}

function textOf(message: Message): string {
  switch (message.role) {
    case 'system':
    case 'tool':
      return message.text;
    case 'user':
      return message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    case 'assistant': {
      const calls = message.toolCalls.map(({ name, arguments: text }) => name + text);
      return message.text + calls.join('') + (message.providerState ?? '');
    }
  }
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
