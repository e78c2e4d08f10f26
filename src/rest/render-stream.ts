import type { ChatEvent } from '../core/completion.ts';
import type { ResumedStream } from '../core/kept-streams.ts';
import type { ChatCall } from './decode.ts';
import { toErrorBody } from './errors.ts';
import { toFinishReason, toMessageExtras, toUnixSeconds } from './render.ts';
import type { ChatCompletionChunk, ChunkChoice, ChunkDelta, ErrorBody } from './wire.ts';
import { toOpenAiWarnings, toUsage, toXParley } from './x-parley.ts';

type Rendering = Pick<ChatCall, 'includeUsage' | 'warnings' | 'fieldNames'>;
type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { type: T }>;

/** The end of a stream. Whether the answer is complete is in its finish reason, which a failure lacks. */
export const doneMarker = 'data: [DONE]\n\n';

/** JSON text has no line breaks, so that a model's output stays within one line of its event. */
export function toDataLine(payload: ChatCompletionChunk | ErrorBody): string {
  return `data: ${JSON.stringify(payload)}\n\n`;
}

/** Where a resumed stream goes on: what the chunks before it have sent. */
type Sent = Pick<ResumedStream, 'head' | 'callsBefore'>;

/** Renders the events of one stream as server-sent events, one text per batch. */
export function createChunkRenderer({ includeUsage, warnings, fieldNames }: Rendering, sent?: Sent) {
  let head: EventOf<'started'> | undefined = sent?.head;
  /** Tool calls whose id and name were sent. */
  let calls = sent?.callsBefore ?? 0;

  function chunk(choices: readonly ChunkChoice[], more: Pick<ChatCompletionChunk, 'usage' | 'x_parley'> = {}): string {
    if (!head) throw new Error('A stream begins with its start');
    return toDataLine({
      id: head.id,
      object: 'chat.completion.chunk',
      created: toUnixSeconds(head.created),
      model: head.model,
      choices,
      ...(includeUsage && { usage: null }),
      ...more,
    });
  }

  function toolCall({ index, id, name, argumentsDelta }: EventOf<'tool_call'>): ChunkDelta {
    if (index < calls) return { tool_calls: [{ index, function: { arguments: argumentsDelta } }] };
    calls = index + 1;
    return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: argumentsDelta } }] };
  }

  function finish(event: EventOf<'finished'>): string {
    if (!head) throw new Error('A stream begins with its start');
    const { refusal, usage } = event;
    const last = choice(toMessageExtras(event), toFinishReason(event));
    const all = [...warnings, ...toOpenAiWarnings(event.warnings, fieldNames)];
    return (
      (refusal === undefined ? '' : chunk([choice({ refusal })])) +
      chunk([last], { x_parley: toXParley(head, event, all) }) +
      (includeUsage && usage ? chunk([], { usage: toUsage(usage) }) : '') +
      doneMarker
    );
  }

  function render(event: ChatEvent): string {
    switch (event.type) {
      case 'started':
        head = event;
        return chunk([choice({ role: 'assistant', content: '' })]);
      case 'content':
        return chunk([choice({ content: event.text })]);
      case 'reasoning':
        return chunk([choice({ reasoning_content: event.text })]);
      case 'tool_call':
        return chunk([choice(toolCall(event))]);
      case 'finished':
        return finish(event);
      case 'failed':
        return toDataLine(toErrorBody(event, fieldNames)) + doneMarker;
    }
  }

  function withId(event: ChatEvent): string {
    const text = render(event);
    return event.cursor === undefined ? text : `id: ${event.cursor}\n${text}`;
  }

  return (batch: readonly ChatEvent[]): string => batch.map(withId).join('');
}

function choice(delta: ChunkDelta, finishReason: ChunkChoice['finish_reason'] = null): ChunkChoice {
  return { index: 0, delta, logprobs: null, finish_reason: finishReason };
}
