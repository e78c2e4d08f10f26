import type {
  Citation,
  Completion,
  CompletionEnd,
  OutputFile,
  TokenLogprob,
  Usage,
  Warning,
} from '../../core/completion.ts';
import type { JsonObject } from '../../core/json-object.ts';
import type { ToolCall } from '../../core/message.ts';
import { toLogprobs, toUnixSeconds } from '../render.ts';
import { toXParley } from '../x-parley.ts';
import type { ResponsesCall } from './decode.ts';

/** Answers in the form of OpenAI's Responses API. */

/** What all forms of a response have. */
export type ResponseHead = { readonly id: string; readonly created: Date; readonly model: string };

export function toResponse(call: ResponsesCall, completion: Completion, warnings: readonly Warning[]): JsonObject {
  const { usage, serviceTier } = completion;
  return {
    ...toResponseStart(call, completion),
    ...toStatus(completion),
    output: toOutput(completion),
    usage: toResponseUsage(usage),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    x_parley: toXParley(completion, completion, warnings),
  };
}

export function toResponseStart(
  { echo, isBackground: background }: ResponsesCall,
  { id, created, model }: ResponseHead,
): JsonObject {
  return {
    ...{ id: toResponseId(id), object: 'response', created_at: toUnixSeconds(created), status: 'in_progress' },
    ...{ background, error: null, incomplete_details: null, model, output: [], previous_response_id: null },
    ...{ store: background, usage: null },
    ...echo,
  };
}

export function toResponseId(id: string): string {
  return id.startsWith('resp') ? id : `resp_${id}`;
}

/** An answer is complete, or it says why it is not. */
export function toStatus({ finishReason, rawFinishReason, refusal }: CompletionEnd): JsonObject {
  const completed = { status: 'completed' };
  switch (finishReason) {
    case 'stop':
    case 'tool_call':
    case 'other':
      return completed;
    case 'length':
      return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
    case 'content_filter':
      return refusal === undefined
        ? { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
        : completed;
    case 'error': {
      const message = `The provider did not complete the answer (${rawFinishReason ?? 'no reason given'}).`;
      return { status: 'failed', error: { code: 'server_error', message } };
    }
  }
}

function toOutput(completion: Completion): readonly JsonObject[] {
  const { id, text, reasoning, providerState, toolCalls, refusal, citations, files = [], logprobs } = completion;
  const items: ((itemId: string) => JsonObject)[] = [];
  if (reasoning !== '' || providerState !== undefined)
    items.push((itemId) => toReasoning(itemId, reasoning, providerState));
  const parts = [
    ...(text !== '' || (toolCalls.length === 0 && refusal === undefined) ? [toText(text, citations, logprobs)] : []),
    ...(refusal !== undefined ? [{ type: 'refusal', refusal }] : []),
  ];
  if (parts.length > 0) items.push((itemId) => toMessage(itemId, parts));
  for (const call of toolCalls) items.push((itemId) => toFunctionCall(itemId, call));
  for (const file of files) items.push((itemId) => toImage(itemId, file));
  return items.map((toItem, index) => toItem(toItemId(id, index)));
}

/** Ids of items are our own: no wire but OpenAI's has them. */
export function toItemId(id: string, index: number): string {
  return `item_${id.replace(/[^\w-]/g, '').slice(0, 48)}_${index}`;
}

const reasoningPrefix = 'rs_';

/** The id of an item of reasoning holds its state: some clients send back the id alone (`item_reference`). */
export function toReasoningId(itemId: string, state: string | undefined): string {
  return reasoningPrefix + (state ?? itemId);
}

/** The state in such an id. Empty for an item that has none, undefined for the id of another item. */
export function stateOfReference(id: unknown): string | undefined {
  if (typeof id !== 'string' || !id.startsWith(reasoningPrefix)) return undefined;
  const state = id.slice(reasoningPrefix.length);
  return state.startsWith('item_') ? '' : state;
}

export function toReasoning(itemId: string, text: string, state: string | undefined): JsonObject {
  return {
    id: toReasoningId(itemId, state),
    type: 'reasoning',
    summary: text === '' ? [] : [{ type: 'summary_text', text }],
    ...(state !== undefined && { encrypted_content: state }),
  };
}

export function toText(text: string, citations: readonly Citation[], logprobs?: readonly TokenLogprob[]): JsonObject {
  const annotations = citations.flatMap(({ url, title = '', places = [{ start: 0, end: text.length }] }) =>
    places.map(({ start, end }) => ({ type: 'url_citation', url, title, start_index: start, end_index: end })),
  );
  return { type: 'output_text', text, annotations, logprobs: toLogprobs(logprobs)?.content ?? [] };
}

export function toMessage(id: string, content: readonly JsonObject[], status = 'completed'): JsonObject {
  return { id, type: 'message', role: 'assistant', status, content };
}

export function toFunctionCall(
  id: string,
  { id: callId, name, arguments: text }: ToolCall,
  status = 'completed',
): JsonObject {
  return { id, type: 'function_call', call_id: callId, name, arguments: text, status };
}

export function toImage(id: string, { data }: Pick<OutputFile, 'data'>): JsonObject {
  return { id, type: 'image_generation_call', status: 'completed', result: data };
}

/** OpenAI counts in the same way. A count that is not reported is 0: clients add them up. */
export function toResponseUsage(usage: Usage | undefined): JsonObject | null {
  if (!usage) return null;
  const { inputTokens = 0, outputTokens = 0, totalTokens = inputTokens + outputTokens } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: usage.cacheReadInputTokens ?? 0,
      ...(usage.cacheWriteInputTokens !== undefined && { cache_write_tokens: usage.cacheWriteInputTokens }),
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: usage.reasoningOutputTokens ?? 0 },
    total_tokens: totalTokens,
  };
}
