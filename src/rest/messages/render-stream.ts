import type { ChatEvent, Delta } from '../../core/completion.ts';
import { createObjectEnd, type ObjectEnd } from '../object-end.ts';
import { toOpenAiWarnings, toXParley } from '../x-parley.ts';
import type { MessagesCall } from './decode.ts';
import { toMessagesError } from './errors.ts';
import { toMessagesUsage, toSpokenRefusal, toStop } from './render.ts';

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { type: T }>;
type Content = Exclude<Delta, { type: 'server_tool' | 'file' }>;

type MessageEvent = { readonly type: string; readonly [field: string]: unknown };

/** JSON text has no line breaks, so that a model's output stays within one line of its event. */
export function toEvent(event: MessageEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Writes the events of one answer in Anthropic's order: one block after another, each with its start and its stop. */
export function createMessageRenderer({ warnings, fieldNames }: MessagesCall, id: string) {
  let head: EventOf<'started'> | undefined;
  let isFailed = false;
  /** Whether the blocks that were written hold the provider's state. */
  let isSealed = false;
  /** Blocks that have begun. */
  let count = 0;
  let open: { readonly type: Content['type']; readonly call: number; readonly end: ObjectEnd } | undefined;
  /** What waits for the end of an open tool call: calls may be interleaved, blocks may not. One entry per call. */
  const waiting: Content[] = [];

  function start(block: object): string {
    return toEvent({ type: 'content_block_start', index: count++, content_block: block });
  }

  function delta(content: object): string {
    return toEvent({ type: 'content_block_delta', index: count - 1, delta: content });
  }

  function stop(): string {
    if (!open) return '';
    open = undefined;
    return toEvent({ type: 'content_block_stop', index: count - 1 });
  }

  function begin(event: Content): string {
    switch (event.type) {
      case 'content':
        return start({ type: 'text', text: '' });
      case 'reasoning':
        return start({ type: 'thinking', thinking: '', signature: '' });
      case 'tool_call':
        return start({ type: 'tool_use', id: event.id, name: event.name, input: {} });
    }
  }

  function extend(event: Content): string {
    switch (event.type) {
      case 'content':
        return event.text === '' ? '' : delta({ type: 'text_delta', text: event.text });
      case 'reasoning':
        return event.text === '' ? '' : delta({ type: 'thinking_delta', thinking: event.text });
      case 'tool_call': {
        const { argumentsDelta } = event;
        open?.end.push(argumentsDelta);
        return argumentsDelta === '' ? '' : delta({ type: 'input_json_delta', partial_json: argumentsDelta });
      }
    }
  }

  /** Writes an event, and what has waited for it. */
  function write(event: Content): string {
    if (continues(event)) return extend(event) + writeWaiting();
    putOff(event);
    return writeWaiting();
  }

  function continues(event: Content): boolean {
    return open !== undefined && open.type === event.type && open.call === callOf(event);
  }

  function putOff(event: Content): void {
    const place = waiting.findLastIndex((one) => one.type === event.type && callOf(one) === callOf(event));
    const known = waiting[place];
    if (known?.type === 'tool_call' && event.type === 'tool_call') {
      waiting[place] = { ...known, argumentsDelta: known.argumentsDelta + event.argumentsDelta };
    } else if (known && place === waiting.length - 1 && known.type !== 'tool_call' && event.type !== 'tool_call') {
      waiting[place] = { ...known, text: known.text + event.text };
    } else waiting.push(event);
  }

  function writeWaiting(): string {
    let text = '';
    while (waiting.length > 0 && (open?.type !== 'tool_call' || open.end.isComplete())) text += writeNext();
    return text;
  }

  function writeNext(): string {
    const event = waiting.shift();
    if (!event) return '';
    const closed = continues(event) ? '' : stop();
    const begun = open ? '' : begin(event);
    open ??= { type: event.type, call: callOf(event), end: createObjectEnd() };
    return closed + begun + extend(event);
  }

  /** At the end: a call whose arguments are no whole object ends nothing else. */
  function flush(): string {
    let text = '';
    while (waiting.length > 0) text += stop() + writeNext();
    return text;
  }

  /** The end of a block of Anthropic's: its signature, or a block of its own. */
  function seal(end: NonNullable<EventOf<'reasoning'>['seal']>): string {
    isSealed = true;
    if ('data' in end) return flush() + stop() + wholeBlock({ type: 'redacted_thinking', data: end.data });
    const begun = open?.type === 'reasoning' ? '' : flush() + stop() + begin({ type: 'reasoning', text: '' });
    open ??= { type: 'reasoning', call: -1, end: createObjectEnd() };
    return begun + delta({ type: 'signature_delta', signature: end.signature }) + stop();
  }

  function wholeBlock(block: object): string {
    return start(block) + toEvent({ type: 'content_block_stop', index: count - 1 });
  }

  function finish(event: EventOf<'finished'>): string {
    if (!head) throw new Error('A stream begins with its start');
    const { providerState, usage, serviceTier } = event;
    const refusal = toSpokenRefusal(event);
    let text = flush() + stop();
    // Anthropic's own blocks have told it. The state of other providers is known at the end.
    if (providerState !== undefined && !isSealed) {
      text += wholeBlock({ type: 'redacted_thinking', data: providerState });
    }
    if (refusal !== '' && count === 0) {
      text += write({ type: 'content', text: refusal }) + stop();
    }
    const all = [...warnings, ...toOpenAiWarnings(event.warnings, fieldNames)];
    const end = {
      type: 'message_delta',
      delta: toStop(event),
      usage: toMessagesUsage(usage, serviceTier),
      x_parley: toXParley(head, event, all),
    };
    return text + toEvent(end) + toEvent({ type: 'message_stop' });
  }

  function render(event: ChatEvent): string {
    switch (event.type) {
      case 'started': {
        head = event;
        const { id: messageId, model } = event;
        const message = {
          ...{ id: messageId, type: 'message', role: 'assistant', model, content: [] },
          ...{ stop_reason: null, stop_sequence: null, usage: toMessagesUsage(undefined) },
        };
        return toEvent({ type: 'message_start', message });
      }
      case 'reasoning':
        return event.seal ? seal(event.seal) : write(event);
      case 'content':
      case 'tool_call':
        return write(event);
      // Anthropic has no block for them in an answer.
      case 'file':
      case 'server_tool':
        return '';
      case 'finished':
        return finish(event);
      case 'failed':
        isFailed = true;
        return toEvent(toMessagesError(event, fieldNames, id));
    }
  }

  return {
    render: (batch: readonly ChatEvent[]) => batch.map(render).join(''),
    isFailed: () => isFailed,
  };
}

function callOf(event: Content): number {
  return event.type === 'tool_call' ? event.index : -1;
}
