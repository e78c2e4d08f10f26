import type { OutputFile, ProviderCompletion } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import type { ToolCall } from '../../core/message.ts';
import { sealState } from '../../core/provider-state.ts';
import { fileOfDataUrl } from '../data-url-file.ts';
import { generateCallId } from '../generated-call-id.ts';
import { toLogprobs } from '../logprobs.ts';
import { argumentsText, array, nonEmptyString, object, string, unixSeconds, type WireObject } from '../read-json.ts';
import { throwIfFailure } from './decode-error.ts';
import { citationsOf, toFinishReason, toUsage } from './finish.ts';
import type { Profile } from './profile.ts';
import { createThinkSplitter, type ThinkSplitter } from './think-tags.ts';

/** The message of a choice. A filled-in text has none: it is the choice's own. */
export function messageOf({ message, text }: WireObject): WireObject {
  return message === undefined && typeof text === 'string' ? { content: text } : object(message);
}

export function decode(profile: Profile, body: unknown): ProviderCompletion {
  const root = object(body);
  throwIfFailure(profile, root);
  const choice = object(array(root['choices'])[0]);
  const message = messageOf(choice);
  if (!array(root['choices']).length) {
    throw new GatewayError('UPSTREAM_MALFORMED', `${profile.id} responded without a choice.`);
  }
  const id = nonEmptyString(root['id']);
  const toolCalls = toolCallsOf(message).map((call, index): ToolCall => {
    const wire = object(call);
    const called = object(wire['function']);
    return {
      id: callId(wire['id']) ?? generateCallId(id, index),
      name: nonEmptyString(called['name']) ?? '',
      arguments: argumentsText(called['arguments']),
    };
  });
  const model = nonEmptyString(root['model']);
  const refusal = nonEmptyString(message['refusal']);
  const rawFinishReason = nonEmptyString(choice['finish_reason']);
  const finishReason = toFinishReason(profile, rawFinishReason, toolCalls.length > 0, refusal !== undefined);
  const reasoning = reasoningText(message);
  const audio = object(message['audio']);
  // What the model says is its text.
  const content = contentText(message['content']) || (string(audio['transcript']) ?? '');
  const files = [...filesOf(message), ...toAudio(audio)];
  const logprobs = toLogprobs(object(choice['logprobs'])['content']);
  const serviceTier = nonEmptyString(root['service_tier']);
  const systemFingerprint = nonEmptyString(root['system_fingerprint']);
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
    ...(files.length > 0 && { files }),
    ...(logprobs.length > 0 && { logprobs }),
    ...(serviceTier && { serviceTier }),
    ...(systemFingerprint && { systemFingerprint }),
    finishReason,
    rawFinishReason,
    refusal,
    citations: citationsOf(root, message),
    usage: toUsage(profile, root['usage']) ?? toUsage(profile, choice['usage']),
    providerState: sealReasoning(profile, thoughts),
  };
}

/** Images that servers send beside the text, as data URLs. */
export function filesOf(message: WireObject): readonly OutputFile[] {
  return array(message['images']).flatMap((image) => fileOfDataUrl(object(object(image)['image_url'])['url']));
}

/** The format of sound is in no answer: WAV and MP3 say it themselves, and anything else is PCM. */
export function toAudio({ data }: WireObject): readonly OutputFile[] {
  const sound = nonEmptyString(data);
  return sound ? [{ mediaType: audioType(sound), data: sound }] : [];
}

/** By the first bytes of a file, in base64. */
function audioType(data: string): string {
  if (data.startsWith('UklGR')) return 'audio/wav';
  if (data.startsWith('SUQz') || data.startsWith('//')) return 'audio/mpeg';
  if (data.startsWith('ZkxhQ')) return 'audio/flac';
  if (data.startsWith('T2dnUw')) return 'audio/ogg';
  return 'audio/pcm';
}

/** For providers that need their own reasoning back: with tools, for every assistant message, whether it calls or not. */
export function sealReasoning(profile: Profile, reasoning: string): string | undefined {
  return profile.reasoning?.isReplayed && reasoning !== '' ? sealState(profile.id, { reasoning }) : undefined;
}

/** Tool calls of a message or delta. Older servers send one as `function_call`. */
export function toolCallsOf(message: WireObject): readonly unknown[] {
  const calls = array(message['tool_calls']);
  const legacy = message['function_call'];
  return calls.length === 0 && legacy ? [{ index: 0, function: legacy }] : calls;
}

export function thinkSplitter({ inlineThinking }: Profile, model: string | undefined): ThinkSplitter | undefined {
  if (!inlineThinking) return undefined;
  return createThinkSplitter({ unopened: model !== undefined && inlineThinking.startsThinking?.test(model) === true });
}

/** Mistral sends the string "null" without an id, above all in later pieces of a call. */
export function callId(value: unknown): string | undefined {
  return value === 'null' ? undefined : nonEmptyString(value);
}

export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (object(part)['type'] === 'text' ? (string(object(part)['text']) ?? '') : '')).join('');
}

export function reasoningText(message: WireObject): string {
  return (
    nonEmptyString(message['reasoning_content']) ??
    nonEmptyString(message['reasoning']) ??
    thinkingText(message['content'])
  );
}

/** Thinking as parts of the content: `{type: 'thinking', thinking: [{type: 'text', text}]}`. */
function thinkingText(content: unknown): string {
  if (!Array.isArray(content)) return '';
  return content.map((part) => contentText(object(part)['thinking'])).join('');
}
