import type { ChatRequest } from '../core/chat.ts';
import type { Usage } from '../core/completion.ts';
import { dataOf, type MediaPart } from '../core/media.ts';
import { type Message, mediaOf } from '../core/message.ts';
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
/** Of a file, sound or video that comes by URL: its length is not known. */
const tokensOfRemote = 20_000;
/** Characters of base64 per token. PDF: ten pages of 1,500 tokens in 200 KB; sound and video: 32 and 260 tokens a second. */
const charsPerToken = { file: 16, audio: 400, video: 400 } as const;
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
export function inputBytes({ messages, tools, responseFormat, stop = [], ...others }: ChatRequest): number {
  const own = [others.providerOptions, others.foreignFields, others.logitBias, others.metadata].filter(Boolean);
  const extra = own.length > 0 ? bytesOf(JSON.stringify(own)) : 0;
  const schema = responseFormat?.type === 'json_schema' ? bytesOf(JSON.stringify(responseFormat)) : 0;
  const offered = tools.reduce((sum, tool) => sum + bytesOf(JSON.stringify(tool)), 0);
  const stops = stop.reduce((sum, text) => sum + bytesOf(text), 0);
  const after = others.suffix === undefined ? 0 : bytesOf(others.suffix);
  return messages.reduce(
    (sum, message) => sum + bytesOf(textOf(message)) + bytesOfMedia(message),
    schema + offered + stops + extra + after,
  );
}

/** By request: several targets, the reservation and the meter ask for the same number. */
const countedTokens = new WeakMap<ChatRequest, number>();

export function inputTokens(request: ChatRequest): number {
  const counted = countedTokens.get(request);
  if (counted !== undefined) return counted;
  const { messages, tools } = request;
  const media = messages.flatMap(mediaOf).reduce((sum, { part }) => sum + tokensOfMedia(part), 0);
  const text = inputBytes(request) - messages.reduce((sum, message) => sum + bytesOfMedia(message), 0);
  const tokens = tokensOfBytes(text) + media + (messages.length + tools.length) * overheadTokens;
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

function tokensOfMedia({ type, url }: MediaPart): number {
  if (type === 'image') return tokensOfImage;
  const { data } = dataOf(url) ?? {};
  return data === undefined ? tokensOfRemote : Math.max(tokensOfImage, Math.ceil(data.length / charsPerToken[type]));
}

function bytesOfMedia(message: Message): number {
  return mediaOf(message).reduce((sum, { part }) => sum + part.url.length, 0);
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
