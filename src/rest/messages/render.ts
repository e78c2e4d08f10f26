import type { Citation, Completion, CompletionEnd, Usage, Warning } from '../../core/completion.ts';
import { parseJson } from '../../core/json.ts';
import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import type { ToolCall } from '../../core/message.ts';
import { toXParley } from '../x-parley.ts';
import { anthropicBlocks } from './thinking.ts';

/** A whole answer in the form of Anthropic's Messages API. */
export function toMessage(completion: Completion, warnings: readonly Warning[]): object {
  return {
    id: completion.id,
    type: 'message',
    role: 'assistant',
    model: completion.model,
    content: toContent(completion),
    ...toStop(completion),
    usage: toMessagesUsage(completion.usage, completion.serviceTier),
    x_parley: toXParley(completion, completion, warnings),
  };
}

/** Blocks in the order of the model: Anthropic's state has the places, other wires have one text between reasoning and calls. */
function toContent(completion: Completion): readonly object[] {
  const { text, reasoning, toolCalls, providerState, citations } = completion;
  const calls = toolCalls.map(toToolUse);
  const kept = anthropicBlocks(providerState);
  if (kept.length === 0) {
    const said = text || (calls.length === 0 ? toSpokenRefusal(completion) : '');
    return [
      ...toThinking(reasoning, providerState),
      ...(said !== '' ? [{ type: 'text', text: said, ...toCitations(citations) }] : []),
      ...calls,
    ];
  }
  const blocks: object[] = [];
  let from = 0;
  for (const block of kept) {
    if (block['type'] === 'tool_use') blocks.push(...calls.splice(0, 1));
    else if (block['type'] === 'text') {
      const length = Number(block['length']) || 0;
      if (length > 0) blocks.push({ type: 'text', text: text.slice(from, from + length) });
      from += length;
    } else blocks.push(block);
  }
  const rest = text.slice(from);
  if (rest !== '') blocks.push({ type: 'text', text: rest, ...toCitations(citations) });
  return [...blocks, ...calls];
}

/** What a model says instead of an answer. Anthropic's explanation is not the model's text: it is in `stop_details`. */
export function toSpokenRefusal({ refusal = '', rawFinishReason }: CompletionEnd): string {
  return rawFinishReason === 'refusal' ? '' : refusal;
}

/** Another provider's state is kept as opaque data, which a client sends back unchanged. */
export function toThinking(reasoning: string, providerState: string | undefined): readonly object[] {
  if (reasoning !== '') return [{ type: 'thinking', thinking: reasoning, signature: providerState ?? '' }];
  return providerState === undefined ? [] : [{ type: 'redacted_thinking', data: providerState }];
}

function toToolUse({ id, name, arguments: text }: ToolCall): JsonObject {
  return { type: 'tool_use', id, name, input: toInput(text) };
}

/** The wire has objects only. A model may write invalid JSON, which is kept. */
function toInput(text: string): JsonObject {
  try {
    const input: unknown = parseJson(text || '{}');
    if (isJsonObject(input)) return input;
  } catch {
    // Kept below.
  }
  return { invalid_json: text };
}

/** The AI SDK refuses `citations: null`. */
function toCitations(citations: readonly Citation[]): JsonObject {
  if (citations.length === 0) return {};
  const cited = citations.map(({ url, title, text }) => ({
    type: 'web_search_result_location',
    url,
    title: title ?? null,
    cited_text: text ?? '',
    encrypted_index: '',
  }));
  return { citations: cited };
}

/** Why an answer ended, in Anthropic's words. A provider's own word stands where Anthropic has none. */
export function toStop(ending: CompletionEnd): JsonObject {
  const { finishReason, rawFinishReason, refusal, refusalCategory, stopSequence } = ending;
  const isAnthropics = rawFinishReason !== undefined && stopReasons.has(rawFinishReason);
  const common = { stop: 'end_turn', length: 'max_tokens', tool_call: 'tool_use', content_filter: 'refusal' } as const;
  const known = finishReason === 'error' || finishReason === 'other' ? finishReason : common[finishReason];
  return {
    stop_reason: isAnthropics ? rawFinishReason : known,
    stop_sequence: stopSequence ?? null,
    ...(finishReason === 'content_filter' && {
      stop_details: { type: 'refusal', category: refusalCategory ?? null, explanation: refusal ?? null },
    }),
  };
}

const stopReasons: ReadonlySet<string> = new Set([
  ...['end_turn', 'max_tokens', 'stop_sequence', 'tool_use', 'pause_turn', 'refusal'],
  'model_context_window_exceeded',
]);

/** Anthropic counts cache reads and writes apart from other input. A count that is not reported is 0: clients add them up. */
export function toMessagesUsage(usage: Usage | undefined, serviceTier?: string): JsonObject {
  const { inputTokens = 0, outputTokens = 0, cacheReadInputTokens, cacheWriteInputTokens } = usage ?? {};
  const { reasoningOutputTokens: thinking, serverToolCalls } = usage ?? {};
  const searches = serverToolCalls?.web_search ?? 0;
  const fetches = serverToolCalls?.url_context ?? 0;
  return {
    input_tokens: Math.max(0, inputTokens - (cacheReadInputTokens ?? 0) - (cacheWriteInputTokens ?? 0)),
    output_tokens: outputTokens,
    cache_read_input_tokens: cacheReadInputTokens ?? 0,
    cache_creation_input_tokens: cacheWriteInputTokens ?? 0,
    ...(thinking !== undefined && { output_tokens_details: { thinking_tokens: thinking } }),
    ...(searches + fetches > 0 && {
      server_tool_use: { web_search_requests: searches, web_fetch_requests: fetches },
    }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
  };
}
