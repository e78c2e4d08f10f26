import type { ChatEvent, CompletionEnd, OutputFile } from '../../core/completion.ts';
import type { JsonObject } from '../../core/json-object.ts';
import { afterEnd, fromCursor } from '../../core/kept-streams.ts';
import { toErrorBody } from '../errors.ts';
import { createObjectEnd, type ObjectEnd } from '../object-end.ts';
import { toOpenAiWarnings, toXParley } from '../x-parley.ts';
import type { ResponsesCall } from './decode.ts';
import {
  toFunctionCall,
  toImage,
  toItemId,
  toMessage,
  toReasoning,
  toReasoningId,
  toResponseStart,
  toResponseUsage,
  toStatus,
  toText,
} from './render.ts';

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { type: T }>;

/** An item of the output while it is written. */
type OpenItem = { readonly id: string; readonly place: number } & (
  | { readonly type: 'message'; text: string }
  | { readonly type: 'reasoning'; text: string }
  | {
      readonly type: 'call';
      readonly call: number;
      readonly callId: string;
      readonly name: string;
      text: string;
      readonly end: ObjectEnd;
    }
);

/** Of a kept stream, one core event begins at each position, and is fewer events than this. */
const numbersPerPosition = 1_024;

/**
 * Writes the events of one answer as those of the Responses API, numbered from 0. Numbers of a kept stream are made of positions
 * in its text, so that they are the same however the text is cut: its client goes on after any of them.
 */
export function createResponseRenderer(call: ResponsesCall, after = -1) {
  let head: EventOf<'started'> | undefined;
  let isFailed = false;
  let sequence = 0;
  /** Tool calls whose beginning was read. */
  const calls = new Set<number>();
  const output: JsonObject[] = [];
  const open: OpenItem[] = [];
  /** Files come in pieces. */
  const files = new Map<number, OutputFile>();

  /** The position after the core event, in a kept stream. */
  let end: number | undefined;

  function toEvent(type: string, fields: JsonObject): string {
    const number = sequence++;
    if (number <= after) return '';
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...fields })}\n\n`;
  }

  /** A piece of text, without what the client has. */
  function toDelta(type: string, delta: string, fields: JsonObject): string {
    if (end === undefined) return toEvent(type, { ...fields, delta });
    const known = Math.max(0, Math.floor(after / numbersPerPosition) - (end - delta.length));
    sequence = end * numbersPerPosition;
    return toEvent(type, { ...fields, delta: delta.slice(known) });
  }

  function started(): EventOf<'started'> {
    if (!head) throw new Error('A stream begins with its start');
    return head;
  }

  function nextItem(): { readonly id: string; readonly place: number } {
    const place = output.length;
    output.push({});
    return { id: toItemId(started().id, place), place };
  }

  function added(item: OpenItem, shown: JsonObject): string {
    open.push(item);
    return toEvent('response.output_item.added', { output_index: item.place, item: shown });
  }

  function done(item: { readonly place: number }, shown: JsonObject): string {
    output[item.place] = shown;
    return toEvent('response.output_item.done', { output_index: item.place, item: shown });
  }

  const at = ({ id, place, type }: OpenItem) => ({
    item_id: type === 'reasoning' ? toReasoningId(id, undefined) : id,
    output_index: place,
  });

  function write(type: 'message' | 'reasoning', text: string): string {
    if (text === '') return '';
    const known = open.find((item) => item.type === type);
    const begun = known ? '' : closeAll() + begin(type);
    const item = known ?? open.at(-1);
    if (!item) return '';
    item.text += text;
    return (
      begun +
      (type === 'message'
        ? toDelta('response.output_text.delta', text, { ...at(item), content_index: 0, logprobs: [] })
        : toDelta('response.reasoning_summary_text.delta', text, { ...at(item), summary_index: 0 }))
    );
  }

  function begin(type: 'message' | 'reasoning'): string {
    const item = { ...nextItem(), type, text: '' };
    if (type === 'message') {
      const part = toText('', []);
      return (
        added(item, toMessage(item.id, [], 'in_progress')) +
        toEvent('response.content_part.added', { ...at(item), content_index: 0, part })
      );
    }
    const part = { type: 'summary_text', text: '' };
    return (
      added(item, toReasoning(item.id, '', undefined)) +
      toEvent('response.reasoning_summary_part.added', { ...at(item), summary_index: 0, part })
    );
  }

  /** Calls may be written side by side: each has its own place in the output. */
  function writeCall({ index, id: callId, name, argumentsDelta }: EventOf<'tool_call'>): string {
    let text = '';
    let item = open.find((one) => one.type === 'call' && one.call === index);
    if (!item) {
      text += closeAll({ isEnd: false });
      item = { ...nextItem(), type: 'call', call: index, callId, name, text: '', end: createObjectEnd() };
      text += added(item, toFunctionCall(item.id, { id: callId, name, arguments: '' }, 'in_progress'));
    }
    if (argumentsDelta === '' || item.type !== 'call') return text;
    item.text += argumentsDelta;
    item.end.push(argumentsDelta);
    return text + toDelta('response.function_call_arguments.delta', argumentsDelta, at(item));
  }

  /** Ends what is open; a call whose arguments go on only at the end of the answer. */
  function closeAll(
    { isEnd, ending }: { readonly isEnd: boolean; readonly ending?: CompletionEnd } = { isEnd: false },
  ): string {
    const ended = open.filter((item) => isEnd || item.type !== 'call' || item.end.isComplete());
    for (const item of ended) open.splice(open.indexOf(item), 1);
    return ended.map((item) => close(item, ending)).join('');
  }

  function close(item: OpenItem, ending: CompletionEnd | undefined): string {
    const { id, text } = item;
    switch (item.type) {
      case 'message': {
        const part = toText(text, ending?.citations ?? [], ending?.logprobs);
        const annotations = part['annotations'] as readonly JsonObject[];
        const notes = annotations.map((annotation, annotation_index) =>
          toEvent('response.output_text.annotation.added', {
            ...at(item),
            content_index: 0,
            annotation_index,
            annotation,
          }),
        );
        return (
          notes.join('') +
          toEvent('response.output_text.done', { ...at(item), content_index: 0, text, logprobs: part['logprobs'] }) +
          toEvent('response.content_part.done', { ...at(item), content_index: 0, part }) +
          done(item, toMessage(id, [part]))
        );
      }
      case 'reasoning': {
        const part = { type: 'summary_text', text };
        return (
          toEvent('response.reasoning_summary_text.done', { ...at(item), summary_index: 0, text }) +
          toEvent('response.reasoning_summary_part.done', { ...at(item), summary_index: 0, part }) +
          done(item, toReasoning(id, text, undefined))
        );
      }
      case 'call': {
        const { callId, name } = item;
        return (
          toEvent('response.function_call_arguments.done', { ...at(item), name, arguments: text }) +
          done(item, toFunctionCall(id, { id: callId, name, arguments: text }))
        );
      }
    }
  }

  function wholeItem(toItem: (id: string) => JsonObject): string {
    const { id, place } = nextItem();
    const item = toItem(id);
    return toEvent('response.output_item.added', { output_index: place, item }) + done({ place }, item);
  }

  function writeRefusal(refusal: string): string {
    const { id, place } = nextItem();
    const here = { item_id: id, output_index: place, content_index: 0 };
    const part = { type: 'refusal', refusal };
    return (
      toEvent('response.output_item.added', { output_index: place, item: toMessage(id, [], 'in_progress') }) +
      toEvent('response.content_part.added', { ...here, part: { type: 'refusal', refusal: '' } }) +
      toEvent('response.refusal.delta', { ...here, delta: refusal }) +
      toEvent('response.refusal.done', { ...here, refusal }) +
      toEvent('response.content_part.done', { ...here, part }) +
      done({ place }, toMessage(id, [part]))
    );
  }

  function finish(event: EventOf<'finished'>): string {
    const { refusal, providerState, usage, serviceTier } = event;
    let text = closeAll({ isEnd: true, ending: event });
    if (refusal !== undefined) text += writeRefusal(refusal);
    for (const file of files.values()) text += wholeItem((id) => toImage(id, file));
    // The provider's state is known at the end.
    if (providerState !== undefined) text += wholeItem((id) => toReasoning(id, '', providerState));
    const warnings = [...call.warnings, ...toOpenAiWarnings(event.warnings, call.fieldNames)];
    const response: JsonObject = {
      ...toResponseStart(call, started()),
      ...toStatus(event),
      output,
      usage: toResponseUsage(usage),
      ...(serviceTier !== undefined && { service_tier: serviceTier }),
      x_parley: toXParley(started(), event, warnings),
    };
    return text + toEvent(`response.${response['status']}`, { response });
  }

  /** An item that has not ended: what came of it. */
  function unfinished(item: OpenItem): JsonObject {
    const { id, text } = item;
    switch (item.type) {
      case 'message':
        return toMessage(id, [toText(text, [])], 'incomplete');
      case 'reasoning':
        return toReasoning(id, text, undefined);
      case 'call':
        return toFunctionCall(id, { id: item.callId, name: item.name, arguments: text }, 'incomplete');
    }
  }

  function fail(event: EventOf<'failed'>): string {
    isFailed = true;
    for (const item of open) output[item.place] = unfinished(item);
    const { error } = toErrorBody(event, call.fieldNames);
    const { message, code, param } = error;
    const response = { ...toResponseStart(call, started()), output, status: 'failed', error: { code, message } };
    return toEvent('response.failed', { response }) + toEvent('error', { code, message, param, error });
  }

  /** Numbers go on at the position at which the event begins. */
  function setPosition(event: ChatEvent): void {
    const position = event.cursor === undefined ? undefined : fromCursor(event.cursor)?.position;
    // The terminal event goes on after the last one.
    if (position === undefined || position === afterEnd) return;
    const isHead = event.type === 'started' || (event.type === 'tool_call' && !calls.has(event.index));
    if (event.type === 'tool_call') calls.add(event.index);
    end = position;
    sequence = Math.max(sequence, (position - textOf(event).length - (isHead ? 1 : 0)) * numbersPerPosition);
  }

  function render(event: ChatEvent): string {
    setPosition(event);
    switch (event.type) {
      case 'started': {
        // A kept answer is fetched by the id of its stream.
        head = event.cursor === undefined ? event : { ...event, id: event.streamId };
        const response = toResponseStart(call, head);
        return toEvent('response.created', { response }) + toEvent('response.in_progress', { response });
      }
      case 'content':
        return write('message', event.text);
      case 'reasoning':
        return write('reasoning', event.text);
      case 'tool_call':
        return writeCall(event);
      case 'file': {
        const known = files.get(event.index);
        files.set(event.index, { mediaType: event.mediaType, data: (known?.data ?? '') + event.data });
        return '';
      }
      // The whole answer has no such items either.
      case 'server_tool':
        return '';
      case 'finished':
        return finish(event);
      case 'failed':
        return fail(event);
    }
  }

  return {
    render: (batch: readonly ChatEvent[]) => batch.map(render).join(''),
    isFailed: () => isFailed,
  };
}

function textOf(event: ChatEvent): string {
  if (event.type === 'content' || event.type === 'reasoning') return event.text;
  return event.type === 'tool_call' ? event.argumentsDelta : '';
}
