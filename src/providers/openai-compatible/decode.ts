import type { Answer } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCall } from '../../core/message.ts';
import { sealState } from '../../core/provider-state.ts';
import { madeUpCallId } from '../generated-call-id.ts';
import { argumentsText, list, record, text, unixSeconds, type Wire, word } from '../read-json.ts';
import { throwIfFailure } from './decode-error.ts';
import { citationsOf, toFinishReason, toUsage } from './finish.ts';
import type { Profile } from './profile.ts';
import { createThinkSplitter, type ThinkSplitter } from './think-tags.ts';

export function decode(profile: Profile, body: unknown): Answer {
  const root = record(body);
  throwIfFailure(profile, root);
  const choice = record(list(root['choices'])[0]);
  const message = record(choice['message']);
  if (!list(root['choices']).length) {
    throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} answered without a choice.`);
  }
  const id = word(root['id']);
  const toolCalls = list(message['tool_calls']).map((call, index): ToolCall => {
    const wire = record(call);
    const called = record(wire['function']);
    return {
      id: callId(wire['id']) ?? madeUpCallId(id, index),
      name: word(called['name']) ?? '',
      arguments: argumentsText(called['arguments']),
    };
  });
  const model = word(root['model']);
  const refusal = word(message['refusal']);
  const rawFinishReason = word(choice['finish_reason']);
  const finishReason = toFinishReason(profile, rawFinishReason, toolCalls.length > 0, refusal !== undefined);
  const reasoning = reasoningText(message);
  const content = contentText(message['content']);
  const splitter = reasoning === '' ? thinkSplitter(profile, model) : undefined;
  const pieces = splitter && [...splitter.push(content), ...splitter.end(finishReason === 'stop')];
  const join = (type: string) => pieces?.map((piece) => (piece.type === type ? piece.text : '')).join('');
  const thoughts = join('reasoning') ?? reasoning;
  return {
    id,
    model,
    created: unixSeconds(root['created']),
    text: join('content') ?? content,
    reasoning: thoughts,
    toolCalls,
    finishReason,
    rawFinishReason,
    refusal,
    citations: citationsOf(root, message),
    usage: toUsage(profile, root['usage']),
    providerState: sealReasoning(profile, thoughts, toolCalls.length > 0),
  };
}

/** For a provider whose running tool loop needs its own reasoning back. */
export function sealReasoning(profile: Profile, reasoning: string, hasToolCalls: boolean): string | undefined {
  return profile.reasoning?.isReplayed && hasToolCalls && reasoning !== ''
    ? sealState(profile.id, { reasoning })
    : undefined;
}

export function thinkSplitter({ inlineThinking }: Profile, model: string | undefined): ThinkSplitter | undefined {
  if (!inlineThinking) return undefined;
  return createThinkSplitter({ unopened: model !== undefined && inlineThinking.unopened?.test(model) === true });
}

/** Mistral writes the word "null" where it has no id, in later pieces of a call above all. */
export function callId(value: unknown): string | undefined {
  return value === 'null' ? undefined : word(value);
}

export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (record(part)['type'] === 'text' ? (text(record(part)['text']) ?? '') : '')).join('');
}

export function reasoningText(message: Wire): string {
  return word(message['reasoning_content']) ?? word(message['reasoning']) ?? thinkingText(message['content']);
}

/** Thinking as parts of the content: `{type: 'thinking', thinking: [{type: 'text', text}]}`. */
function thinkingText(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return content.map((part) => contentText(record(part)['thinking'])).join('');
}
