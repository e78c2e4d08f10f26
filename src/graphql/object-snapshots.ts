import { type DocumentNode, Kind, visit } from 'graphql';
import type { ChatEvent } from '../core/completion.ts';
import { isJsonObject } from '../core/json-object.ts';
import { partialValue } from '../core/partial-json.ts';

/** Snapshots of JSON while it is written, for operations that select them. */

export type ObjectEvent = { readonly type: 'object'; readonly object: unknown; readonly cursor?: string };

/** An event of a stream as GraphQL has it. */
export type StreamEvent = ChatEvent | ObjectEvent;

/** Whether a document selects ObjectDelta: no other client gets one. */
export function selectsObjectDelta(document: DocumentNode): boolean {
  let isSelected = false;
  const note = (name: string | undefined) => {
    if (name === 'ObjectDelta') isSelected = true;
  };
  visit(document, {
    [Kind.INLINE_FRAGMENT]: ({ typeCondition }) => note(typeCondition?.name.value),
    [Kind.FRAGMENT_DEFINITION]: ({ typeCondition }) => note(typeCondition.name.value),
  });
  return isSelected;
}

/** Whether a ChatInput asks for JSON. */
export function asksForJson(input: unknown): boolean {
  const format = isJsonObject(input) ? input['responseFormat'] : undefined;
  return isJsonObject(format) && (isJsonObject(format['jsonSchema']) || format['jsonObject'] === true);
}

/** A snapshot holds the whole value, so each has this share more text than the one before: all of them together stay linear. */
const growth = 1 / 32;

/**
 * The snapshots of one stream: after text, and at its end the whole value. Undefined where there is nothing new.
 * `fromStart`: all text is seen; a stream that is resumed has its last snapshot only.
 */
export function createObjectSnapshots(fromStart: boolean): (event: ChatEvent) => ObjectEvent | undefined {
  let text = '';
  let next = 1;
  let last: string | undefined;

  function snapshot(object: unknown, cursor: string | undefined): ObjectEvent | undefined {
    const written = JSON.stringify(object);
    if (written === undefined || written === last) return undefined;
    last = written;
    return { type: 'object', object, ...(cursor !== undefined && { cursor }) };
  }

  return (event) => {
    if (event.type === 'finished') return snapshot(event.object, event.cursor);
    if (event.type !== 'content' || !fromStart) return undefined;
    text += event.text;
    if (text.length < next) return undefined;
    next = text.length * (1 + growth);
    return snapshot(partialValue(text), event.cursor);
  };
}
