import type { Answer, Citation, FinishReason, Usage } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCall } from '../../core/message.ts';
import { madeUpCallId } from '../generated-call-id.ts';
import { argumentsText, count, list, lookUp, record, text, type Wire, word } from '../read-json.ts';
import { throwIfFailure } from './decode-error.ts';
import { sealPlan } from './tool-plan.ts';

export function decode(body: unknown): Answer {
  const root = record(body);
  throwIfFailure(root);
  const message = record(root['message']);
  if (Object.keys(message).length === 0) {
    throw new GatewayError('UPSTREAM_MALFORMED', 'cohere answered without a message.');
  }
  const id = word(root['id']);
  const content = readContent(message['content']);
  const plan = text(message['tool_plan']) ?? '';
  const toolCalls = list(message['tool_calls']).map((call, index): ToolCall => {
    const called = record(record(call)['function']);
    return { ...readCall(call, id, index), arguments: argumentsText(called['arguments']) };
  });
  const rawFinishReason = word(root['finish_reason']);
  return {
    id,
    model: undefined,
    created: undefined,
    text: content.text,
    // A plan is what the model says to itself before it calls tools: no part of the answer, and too good to lose.
    reasoning: content.thinking + plan,
    toolCalls,
    finishReason: toFinishReason(rawFinishReason),
    rawFinishReason,
    refusal: undefined,
    citations: toCitations(message['citations']),
    usage: toUsage(root['usage']),
    providerState: sealPlan(content.thinking, plan, toolCalls.length > 0),
  };
}

/** Whole answers hold lists where events hold single objects. */
function several(value: unknown): readonly unknown[] {
  return Array.isArray(value) || value === undefined || value === null ? list(value) : [value];
}

export function readContent(content: unknown): { text: string; thinking: string } {
  if (typeof content === 'string') return { text: content, thinking: '' };
  const parts = several(content).map(record);
  const join = (field: string) => parts.map((part) => text(part[field]) ?? '').join('');
  return { text: join('text'), thinking: join('thinking') };
}

export function readCall(call: unknown, answerId: string | undefined, index: number): Omit<ToolCall, 'arguments'> {
  const wire = record(call);
  return { id: word(wire['id']) ?? madeUpCallId(answerId, index), name: word(record(wire['function'])['name']) ?? '' };
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

/** One for each span of text and each source of it. Documents seldom have an address; their id then tells them apart. */
export function toCitations(value: unknown): readonly Citation[] {
  return several(value)
    .map(record)
    .flatMap((citation) =>
      several(citation['sources']).flatMap((wire): Citation[] => {
        const source = record(wire);
        const content = { ...record(source['tool_output']), ...record(source['document']) };
        const url = word(content['url']) ?? word(source['id']);
        return url ? [{ url, title: word(content['title']), text: word(citation['text']) }] : [];
      }),
    );
}

/** `tokens` is what the model read and wrote; `billed_units`, which is charged, leaves out what Cohere adds to a prompt. */
export function toUsage(value: unknown): Usage | undefined {
  const usage = record(value);
  const tokens = record(usage['tokens']);
  const billed = readBilled(record(usage['billed_units']));
  const inputTokens = count(tokens['input_tokens']);
  const outputTokens = count(tokens['output_tokens']);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens,
    cacheReadInputTokens: count(usage['cached_tokens']),
    cacheWriteInputTokens: undefined,
    reasoningOutputTokens: undefined,
    ...(billed && { billed }),
  };
}

function readBilled(units: Wire): Usage['billed'] {
  const input = count(units['input_tokens']);
  const output = count(units['output_tokens']);
  return input === undefined || output === undefined ? undefined : { input, output };
}
