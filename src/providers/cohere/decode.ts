import type { Citation, FinishReason, ProviderCompletion, TokenLogprob, Usage } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCall } from '../../core/message.ts';
import { placesOf } from '../add-citations.ts';
import { generateCallId } from '../generated-call-id.ts';
import {
  argumentsText,
  array,
  lookUp,
  nonEmptyString,
  object,
  string,
  tokenCount,
  type WireObject,
} from '../read-json.ts';
import { throwIfFailure } from './decode-error.ts';
import { sealToolPlan } from './tool-plan.ts';

export function decode(body: unknown): ProviderCompletion {
  const root = object(body);
  throwIfFailure(root);
  const message = object(root['message']);
  if (Object.keys(message).length === 0) {
    throw new GatewayError('UPSTREAM_MALFORMED', 'cohere responded without a message.');
  }
  const id = nonEmptyString(root['id']);
  const content = readContent(message['content']);
  const plan = string(message['tool_plan']) ?? '';
  const toolCalls = array(message['tool_calls']).map((call, index): ToolCall => {
    const called = object(object(call)['function']);
    return { ...readCall(call, id, index), arguments: argumentsText(called['arguments']) };
  });
  const rawFinishReason = nonEmptyString(root['finish_reason']);
  const logprobs = array(root['logprobs']).flatMap(toLogprob);
  return {
    id,
    model: undefined,
    created: undefined,
    text: content.text,
    // A plan is what the model writes before it calls tools. It is no part of the answer; it is kept as state.
    reasoning: content.thinking + plan,
    toolCalls,
    finishReason: toFinishReason(rawFinishReason),
    rawFinishReason,
    refusal: undefined,
    citations: toCitations(message['citations']),
    usage: toUsage(root['usage']),
    providerState: sealToolPlan(content.thinking, plan, toolCalls.length > 0),
    ...(logprobs.length > 0 && { logprobs }),
  };
}

/** An entry is a piece of text with the logprobs of its tokens; their sum is that of the piece. */
export function toLogprob(value: unknown): TokenLogprob[] {
  const { text: token, logprobs } = object(value);
  const numbers = array(logprobs).filter((one) => typeof one === 'number');
  if (string(token) === undefined || numbers.length === 0) return [];
  const logprob = numbers.reduce((sum, one) => sum + one, 0);
  return [{ token: String(token), logprob, bytes: undefined, topLogprobs: [] }];
}

/** Whole answers hold lists where events hold single objects. */
function several(value: unknown): readonly unknown[] {
  return Array.isArray(value) || value === undefined || value === null ? array(value) : [value];
}

export function readContent(content: unknown): { text: string; thinking: string } {
  if (typeof content === 'string') return { text: content, thinking: '' };
  const parts = several(content).map(object);
  const join = (field: string) => parts.map((part) => string(part[field]) ?? '').join('');
  return { text: join('text'), thinking: join('thinking') };
}

export function readCall(call: unknown, answerId: string | undefined, index: number): Omit<ToolCall, 'arguments'> {
  const wire = object(call);
  return {
    id: nonEmptyString(wire['id']) ?? generateCallId(answerId, index),
    name: nonEmptyString(object(wire['function'])['name']) ?? '',
  };
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop',
  MAX_TOKENS: 'length',
  TOOL_CALL: 'tool_call',
  ERROR_TOXIC: 'content_filter',
  ERROR: 'error',
  TIMEOUT: 'error',
};

export function toFinishReason(raw: string | undefined): FinishReason {
  return lookUp(finishReasons, raw) ?? 'other';
}

/** One citation per span of text and source. Documents seldom have a URL; their id then distinguishes them. */
export function toCitations(value: unknown): readonly Citation[] {
  return several(value)
    .map(object)
    .flatMap((citation) =>
      several(citation['sources']).flatMap((wire): Citation[] => {
        const source = object(wire);
        const content = { ...object(source['tool_output']), ...object(source['document']) };
        const url = nonEmptyString(content['url']) ?? nonEmptyString(source['id']);
        const places = placesOf(citation['start'], citation['end']);
        const [title, text] = [nonEmptyString(content['title']), nonEmptyString(citation['text'])];
        return url ? [{ url, title, text, ...places }] : [];
      }),
    );
}

/**
 * `tokens` is what the model read and wrote; `billed_units`, which is charged, leaves out what Cohere adds to a prompt.
 */
export function toUsage(value: unknown): Usage | undefined {
  const usage = object(value);
  const tokens = object(usage['tokens']);
  const billed = readBilled(object(usage['billed_units']));
  const inputTokens = tokenCount(tokens['input_tokens']);
  const outputTokens = tokenCount(tokens['output_tokens']);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    cacheReadInputTokens: tokenCount(usage['cached_tokens']),
    cacheWriteInputTokens: undefined,
    reasoningOutputTokens: undefined,
    ...(billed && { billed }),
  };
}

function readBilled(units: WireObject): Usage['billed'] {
  const input = tokenCount(units['input_tokens']);
  const output = tokenCount(units['output_tokens']);
  return input === undefined || output === undefined ? undefined : { input, output };
}
