import type { Warning } from '../../core/completion.ts';
import { dataOf, type MediaPart } from '../../core/media.ts';
import type { ContentPart, Message } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { isSilent } from '../conversation.ts';
import { encodeDetail } from '../image-detail.ts';
import { systemRoleOf } from '../wire-facts.ts';
import { type Item, spokenItems, toMessage } from './items.ts';
import type { ResponsesProfile } from './profile.ts';
import { replayedItems } from './state.ts';

type EncodedInput = {
  readonly instructions: string | undefined;
  readonly items: readonly Item[];
  readonly warnings: readonly Warning[];
};

/** The conversation as items. Leading system messages become `instructions`, unless they have to be in the input. */
export function encodeInput(
  profile: ResponsesProfile,
  given: readonly Message[],
  target: Target,
  isAllInput: boolean,
  breakpoint?: Item,
): EncodedInput {
  const messages = withCallIds(given, callIdRules.responses).filter((message) => !isSilent(message));
  // Instructions have no breakpoints.
  const isKept =
    isAllInput ||
    (breakpoint !== undefined && messages.some(({ role, ...rest }) => role === 'system' && 'cacheBreakpoint' in rest));
  const started = isKept ? 0 : messages.findIndex(({ role }) => role !== 'system');
  const first = messages
    .slice(0, Math.max(0, started))
    .map((message) => (message.role === 'system' ? message.text : ''));
  const warnings: Warning[] = [];
  /** What goes back with the result of a call, beside its id. */
  const signed = new Map<string, Item>();

  function encodeMessage(message: Message): readonly Item[] {
    switch (message.role) {
      case 'system':
        return [toMessage(profile, systemRoleOf(target), inputText(message))];
      case 'user':
        return [toMessage(profile, 'user', encodeContent(message.parts))];
      case 'assistant': {
        const replayed = replayedItems(profile, target, message);
        if (!replayed && message.providerState) warnings.push(lostState);
        for (const { call_id, name, thought_signature } of replayed ?? []) {
          if (thought_signature) signed.set(String(call_id), { name, thought_signature });
        }
        return replayed ?? spokenItems(profile, message);
      }
      case 'tool': {
        const call_id = message.toolCallId;
        return [
          {
            type: 'function_call_output',
            call_id,
            ...signed.get(call_id),
            output: message.parts ? encodeContent(message.parts) : message.text,
          },
        ];
      }
    }
  }

  function encodeContent(parts: readonly ContentPart[]): unknown {
    const [only, ...others] = parts;
    const isPlain = only?.type === 'text' && others.length === 0 && !(breakpoint && only.cacheBreakpoint);
    if (isPlain) return only.text;
    return parts.map((part) => ({ ...encodePart(part), ...(part.cacheBreakpoint && breakpoint) }));
  }

  /** Text, as a part where it is marked. */
  function inputText({ text, cacheBreakpoint }: Message & { role: 'system' | 'tool' }): unknown {
    return cacheBreakpoint && breakpoint ? [{ type: 'input_text', text, ...breakpoint }] : text;
  }

  function encodePart(part: ContentPart): Item {
    {
      if (part.type === 'text') return { type: 'input_text', text: part.text };
      if (part.type === 'file') return encodeFile(part);
      const image = { type: 'input_image', image_url: part.url };
      if (profile.imageDetail !== false) {
        const detail = profile.id === 'openai' ? part.detail : encodeDetail(part).detail;
        return { ...image, detail: detail ?? 'auto' };
      }
      if (part.detail)
        warnings.push({ option: 'messages', message: `${profile.id} supports no image detail; left out` });
      return image;
    }
  }

  const items = messages.slice(first.length).flatMap(encodeMessage);
  return { instructions: first.length > 0 ? first.join('\n\n') : undefined, items, warnings };
}

function encodeFile({ url, name }: MediaPart): Item {
  return dataOf(url) === undefined
    ? { type: 'input_file', file_url: url }
    : { type: 'input_file', file_data: url, filename: name ?? 'document.pdf' };
}

const lostState: Warning = {
  option: 'messages',
  message: 'The providerState of a message belongs to another model or text; it was left out',
};
