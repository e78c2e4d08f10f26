import type { ChatEvent, Usage } from '../core/completion.ts';
import type { ResumedStream } from '../core/kept-streams.ts';
import { sumUsage } from '../core/sum-usage.ts';
import { toExtraContent } from './carried-state.ts';
import type { ChatCall } from './decode.ts';
import { toErrorBody } from './errors.ts';
import { toFiles, toFinishReason, toLogprobs, toMessageExtras, toUnixSeconds } from './render.ts';
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

/** What the choices of one stream share: one id, and one end with one bill. */
export type SharedEnd = {
  head: EventOf<'started'> | undefined;
  /** Choices that have not ended. */
  left: number;
  isFailed: boolean;
  readonly usages: (Usage | undefined)[];
};

export function createSharedEnd(choices: number): SharedEnd {
  return { head: undefined, left: choices, isFailed: false, usages: [] };
}

/** Renders the events of one choice as server-sent events, one text per batch. */
export function createChunkRenderer(
  { includeUsage, warnings, fieldNames }: Rendering,
  sent?: Sent,
  { index, shared }: { readonly index: number; readonly shared: SharedEnd } = { index: 0, shared: createSharedEnd(1) },
) {
  /** The choice's own; the chunks of all choices have the first one's id. */
  let head: EventOf<'started'> | undefined = sent?.head;
  /** Tool calls whose id and name were sent. */
  let calls = sent?.callsBefore ?? 0;

  function chunk(
    choices: readonly ChunkChoice[],
    more: Pick<ChatCompletionChunk, 'usage' | 'service_tier' | 'x_parley'> = {},
  ): string {
    if (!head) throw new Error('A stream begins with its start');
    shared.head ??= head;
    return toDataLine({
      id: shared.head.id,
      object: 'chat.completion.chunk',
      created: toUnixSeconds(shared.head.created),
      model: shared.head.model,
      system_fingerprint: null,
      choices,
      ...(includeUsage && { usage: null }),
      ...more,
    });
  }

  function toolCall({ index, id, name, argumentsDelta, signature }: EventOf<'tool_call'>): ChunkDelta {
    if (index < calls) return { tool_calls: [{ index, function: { arguments: argumentsDelta } }] };
    calls = index + 1;
    const signed = signature === undefined ? undefined : { extra_content: toExtraContent(signature) };
    return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: argumentsDelta }, ...signed }] };
  }

  function finish(event: EventOf<'finished'>): string {
    if (!head) throw new Error('A stream begins with its start');
    const { refusal, usage, logprobs, serviceTier } = event;
    const last = { ...choice(toMessageExtras(event), toFinishReason(event)), logprobs: toLogprobs(logprobs) };
    const all = [...warnings, ...toOpenAiWarnings(event.warnings, fieldNames)];
    return (
      (refusal === undefined ? '' : chunk([choice({ refusal })])) +
      chunk([last], {
        ...(serviceTier !== undefined && { service_tier: serviceTier }),
        x_parley: toXParley(head, event, all),
      }) +
      endOfAll(usage)
    );
  }

  /** The usage of all choices and the end of the stream, after the last of them. */
  function endOfAll(usage: Usage | undefined): string {
    shared.usages.push(usage);
    shared.left -= 1;
    if (shared.left > 0) return '';
    const sum = toUsage(sumUsage(shared.usages));
    return (includeUsage && sum ? chunk([], { usage: sum }) : '') + doneMarker;
  }

  function choice(delta: ChunkDelta, finishReason: ChunkChoice['finish_reason'] = null): ChunkChoice {
    return { index, delta, logprobs: null, finish_reason: finishReason };
  }

  function render(event: ChatEvent): string {
    if (shared.isFailed) return '';
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
      case 'file':
        return chunk([choice(toFiles([event]))]);
      // OpenAI's Chat Completions has no such event.
      case 'server_tool':
        return '';
      case 'finished':
        return finish(event);
      case 'failed':
        shared.isFailed = true;
        return toDataLine(toErrorBody(event, fieldNames)) + doneMarker;
    }
  }

  function withId(event: ChatEvent): string {
    const text = render(event);
    return event.cursor === undefined || text === '' ? text : `id: ${event.cursor}\n${text}`;
  }

  return (batch: readonly ChatEvent[]): string => batch.map(withId).join('');
}
