import type {
  Citation,
  CompletionEnd,
  FinishReason,
  ProviderCompletion,
  ServerToolCalls,
  Usage,
} from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCall } from '../../core/message.ts';
import { sealState } from '../../core/provider-state.ts';
import type { ServerToolName } from '../../core/server-tools.ts';
import { toFailure } from '../decode-error.ts';
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

export function decode(body: unknown): ProviderCompletion {
  const root = object(body);
  throwIfFailure(root);
  if (root['type'] !== 'message')
    throw new GatewayError('UPSTREAM_MALFORMED', 'anthropic responded without a message.');
  const id = nonEmptyString(root['id']);
  const blocks = array(root['content']).map(object);
  const ofType = (type: string) => blocks.filter((block) => block['type'] === type);
  const join = (type: string, field: string) =>
    ofType(type)
      .map((block) => string(block[field]) ?? '')
      .join('');
  // server_tool_use, mcp_tool_use and their results are run by the provider and are no calls for the client.
  const toolCalls = ofType('tool_use').map(
    (block, index): ToolCall => ({
      id: nonEmptyString(block['id']) ?? generateCallId(id, index),
      name: nonEmptyString(block['name']) ?? '',
      arguments: argumentsText(block['input']),
    }),
  );
  const rawFinishReason = nonEmptyString(root['stop_reason']);
  return {
    id,
    model: nonEmptyString(root['model']),
    created: undefined,
    text: join('text', 'text'),
    reasoning: join('thinking', 'thinking'),
    toolCalls,
    finishReason: toFinishReason(rawFinishReason),
    rawFinishReason,
    refusal: toRefusal(rawFinishReason, root['stop_details']),
    ...toStopDetails(root['stop_sequence'], root['stop_details']),
    citations: placedCitations(blocks),
    usage: withToolRuns(toUsage(root['usage']), blocks),
    providerState: sealThinking(blocks),
    ...toServiceTier(root['usage']),
  };
}

export function throwIfFailure(root: WireObject): void {
  const error = root['error'];
  if (root['type'] !== 'error' && (error === undefined || error === null)) return;
  const type = nonEmptyString(object(error)['type']);
  throw toFailure('anthropic', { status: lookUp(statusOf, type) ?? 200, headers: {}, body: JSON.stringify(root) });
}

/** An error event has only the name of its class. */
const statusOf: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

const finishReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_call',
  refusal: 'content_filter',
};

export function toFinishReason(raw: string | undefined): FinishReason {
  return lookUp(finishReasons, raw) ?? 'other';
}

export function toRefusal(stopReason: string | undefined, details: unknown): string | undefined {
  if (stopReason !== 'refusal') return undefined;
  const body = object(details);
  return nonEmptyString(body['explanation']) ?? nonEmptyString(body['category']) ?? 'The model refused to answer.';
}

/** The stop text that ended an answer, and why it was refused. */
export function toStopDetails(
  sequence: unknown,
  details: unknown,
): Pick<CompletionEnd, 'stopSequence' | 'refusalCategory'> {
  const [stopSequence, refusalCategory] = [nonEmptyString(sequence), nonEmptyString(object(details)['category'])];
  return { ...(stopSequence && { stopSequence }), ...(refusalCategory && { refusalCategory }) };
}

export function toCitation(value: unknown): Citation[] {
  const citation = object(value);
  const url = nonEmptyString(citation['url']);
  return url ? [{ url, title: nonEmptyString(citation['title']), text: nonEmptyString(citation['cited_text']) }] : [];
}

/** A text block is what its citations are about. */
export function placedCitations(blocks: readonly WireObject[]): readonly Citation[] {
  let end = 0;
  return blocks.flatMap((block) => {
    if (block['type'] !== 'text') return [];
    const start = end;
    end += (string(block['text']) ?? '').length;
    const place = end > start ? { places: [{ start, end }] } : {};
    return array(block['citations']).flatMap((citation) => toCitation(citation).map((one) => ({ ...one, ...place })));
  });
}

export function toServiceTier(usage: unknown): { readonly serviceTier?: string } {
  const serviceTier = nonEmptyString(object(usage)['service_tier']);
  return serviceTier ? { serviceTier } : {};
}

/** Code runs are in no count of this wire. */
export function withToolRuns(usage: Usage | undefined, blocks: readonly WireObject[]): Usage | undefined {
  const runs = blocks.filter(({ type, name }) => type === 'server_tool_use' && toToolName(name) === 'code_execution');
  if (!usage || runs.length === 0) return usage;
  return { ...usage, serverToolCalls: { ...usage.serverToolCalls, code_execution: runs.length } };
}

export function toToolName(name: unknown): ServerToolName | undefined {
  return lookUp(toolNames, nonEmptyString(name));
}

const toolNames: Readonly<Record<string, ServerToolName>> = {
  web_search: 'web_search',
  web_fetch: 'url_context',
  code_execution: 'code_execution',
  bash_code_execution: 'code_execution',
  text_editor_code_execution: 'code_execution',
};

function toToolCalls(value: unknown): { readonly serverToolCalls?: ServerToolCalls } {
  const runs = object(value);
  const [searches, fetches] = [tokenCount(runs['web_search_requests']), tokenCount(runs['web_fetch_requests'])];
  if (!searches && !fetches) return {};
  return { serverToolCalls: { ...(searches && { web_search: searches }), ...(fetches && { url_context: fetches }) } };
}

/** This wire counts cache reads and writes apart; `inputTokens` includes them. */
export function toUsage(value: unknown): Usage | undefined {
  const usage = object(value);
  const input = tokenCount(usage['input_tokens']);
  const output = tokenCount(usage['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = tokenCount(usage['cache_read_input_tokens']);
  const cacheWrite = tokenCount(usage['cache_creation_input_tokens']);
  const inputTokens = input === undefined ? undefined : input + (cacheRead ?? 0) + (cacheWrite ?? 0);
  return {
    inputTokens,
    outputTokens: output,
    totalTokens: inputTokens === undefined || output === undefined ? undefined : inputTokens + output,
    cacheReadInputTokens: cacheRead,
    cacheWriteInputTokens: cacheWrite,
    reasoningOutputTokens: tokenCount(object(usage['output_tokens_details'])['thinking_tokens']),
    ...toToolCalls(usage['server_tool_use']),
  };
}

/**
 * Thinking goes back unchanged and in its place among texts and calls; the provider refuses it without its signature. Texts
 * are stored by length and calls by order: their content is sent by the caller.
 */
export function sealThinking(blocks: readonly WireObject[]): string | undefined {
  const kept = blocks.flatMap((block): WireObject[] => {
    const { type, thinking, signature, data } = block;
    switch (type) {
      case 'thinking':
        return nonEmptyString(signature) ? [{ type, thinking: string(thinking) ?? '', signature }] : [];
      case 'redacted_thinking':
        return [{ type, data }];
      case 'text':
        return [{ type, length: (string(block['text']) ?? '').length }];
      case 'tool_use':
        return [{ type }];
      default:
        return [];
    }
  });
  const end = kept.findLastIndex(isThinking) + 1;
  return end > 0 ? sealState('anthropic', kept.slice(0, end)) : undefined;
}

function isThinking({ type }: WireObject): boolean {
  return type === 'thinking' || type === 'redacted_thinking';
}
