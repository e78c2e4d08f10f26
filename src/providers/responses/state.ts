import type { Target } from '../../core/model.ts';
import { openState, sealState } from '../../core/provider-state.ts';
import { array, nonEmptyString, object, string, type WireObject } from '../read-json.ts';
import { type AssistantMessage, type Item, toCall, toMessage } from './items.ts';
import type { ResponsesProfile } from './profile.ts';

/**
 * State that the next turn needs and a message does not hold: encrypted reasoning and its place among texts and calls.
 * Texts are stored by length, calls by id: their content is sent by the caller.
 */
type State = { readonly model: string; readonly items: readonly WireObject[] };

/** For output items in order; `call_id` is the id that the client got. */
export function sealItems(provider: string, { model }: Target, output: readonly WireObject[]): string | undefined {
  const items = output.flatMap(toKept);
  // "Provided without its required following item": reasoning without a result is useless.
  const end = items.findLastIndex(({ type }) => type !== 'reasoning') + 1;
  const kept = items.slice(0, end);
  const state: State = { model, items: kept };
  return kept.some(holdsMore) ? sealState(provider, state) : undefined;
}

function toKept(item: WireObject): WireObject[] {
  const { type, encrypted_content, phase, call_id, namespace, thought_signature } = item;
  switch (type) {
    case 'reasoning':
      return nonEmptyString(encrypted_content) ? [{ type, summary: summaryOf(item), encrypted_content }] : [];
    case 'message': {
      const length = messageText(item).length;
      return length > 0 ? [{ type, length, phase: nonEmptyString(phase) }] : [];
    }
    case 'function_call':
      return [
        { type, call_id, namespace: nonEmptyString(namespace), thought_signature: nonEmptyString(thought_signature) },
      ];
    default:
      return [];
  }
}

function holdsMore({ type, phase, namespace, thought_signature }: WireObject): boolean {
  return type === 'reasoning' || [phase, namespace, thought_signature].some((extra) => extra !== undefined);
}

function messageText({ content }: WireObject): string {
  return array(content)
    .map((part) => (object(part)['type'] === 'output_text' ? (string(object(part)['text']) ?? '') : ''))
    .join('');
}

/**
 * The turn as received, if the state is of this model and fits the message. State comes from the caller and is not
 * trusted: only the fields named here pass, for an id or a reference would be looked up among the objects of our
 * account.
 */
export function replayedItems(
  profile: ResponsesProfile,
  { model }: Target,
  message: AssistantMessage,
): readonly Item[] | undefined {
  const state = object(openState(profile.id, message.providerState));
  if (state['model'] !== model) return undefined;
  const calls = [...message.toolCalls];
  const items: Item[] = [];
  let stored = 0;
  for (const kept of array(state['items']).map(object)) {
    const { type, length, encrypted_content } = kept;
    if (type === 'reasoning' && nonEmptyString(encrypted_content)) {
      items.push({ type, summary: summaryOf(kept), encrypted_content });
    } else if (type === 'message' && typeof length === 'number') {
      const content = message.text.slice(stored, stored + length);
      stored += content.length;
      items.push({ ...toMessage(profile, 'assistant', content), ...only(kept, 'phase') });
    } else {
      const call = calls.shift();
      if (type !== 'function_call' || !call || call.id !== kept['call_id']) return undefined;
      items.push({ ...toCall(call), ...only(kept, 'namespace', 'thought_signature') });
    }
  }
  return calls.length === 0 && stored === message.text.length && items.length > 0 ? items : undefined;
}

function summaryOf({ summary }: WireObject): readonly Item[] {
  return array(summary).flatMap((part) => {
    const { type, text: stored } = object(part);
    return type === 'summary_text' && string(stored) !== undefined ? [{ type, text: stored }] : [];
  });
}

function only(kept: WireObject, ...fields: readonly string[]): Item {
  return Object.fromEntries(fields.flatMap((field) => (nonEmptyString(kept[field]) ? [[field, kept[field]]] : [])));
}
