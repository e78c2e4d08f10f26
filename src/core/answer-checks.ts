import type { Codec, StreamDecoder } from './adapter.ts';
import type { FinishReason, ProviderCompletion, ProviderEvent, Usage } from './completion.ts';
import { GatewayError } from './errors.ts';

/**
 * What holds for every answer, whatever wire it came by: calls have names and distinct ids, calls mean TOOL_CALL, and an
 * answer without any content is no success when its output was billed.
 */
export function withAnswerChecks(codec: Codec, provider: string): Codec {
  return {
    ...codec,
    decode: (body) => checkedAnswer(codec.decode(body), provider),
    decodeStream: () => checkedStream(codec.decodeStream(), provider),
  };
}

type Contents = { readonly hasCalls: boolean; readonly hasContent: boolean };

function checkedAnswer(answer: ProviderCompletion, provider: string): ProviderCompletion {
  const { text, reasoning, toolCalls, refusal, usage, files = [] } = answer;
  const ids = createCallIds(provider);
  const contents = {
    hasCalls: toolCalls.length > 0,
    hasContent: text !== '' || reasoning !== '' || toolCalls.length > 0 || files.length > 0 || refusal !== undefined,
  };
  const finishReason = checkedFinishReason(answer.finishReason, contents);
  if (isEmptySuccess(finishReason, contents, usage)) throw emptyAnswer(provider);
  return {
    ...answer,
    finishReason,
    toolCalls: toolCalls.map((call, index) => ({ ...call, id: ids.idOf(index, call.id, call.name) })),
  };
}

function checkedStream(decoder: StreamDecoder, provider: string): StreamDecoder {
  const ids = createCallIds(provider);
  let hasContent = false;
  let hasCalls = false;

  function check(event: ProviderEvent): ProviderEvent {
    switch (event.type) {
      case 'started':
      case 'server_tool':
        return event;
      case 'content':
      case 'reasoning':
      case 'file':
        hasContent = true;
        return event;
      case 'tool_call': {
        hasCalls = true;
        const id = ids.idOf(event.index, event.id, event.name);
        return id === event.id ? event : { ...event, id };
      }
      case 'finished': {
        const contents = { hasCalls, hasContent: hasContent || hasCalls || event.refusal !== undefined };
        const finishReason = checkedFinishReason(event.finishReason, contents);
        if (isEmptySuccess(finishReason, contents, event.usage)) throw emptyAnswer(provider);
        return finishReason === event.finishReason ? event : { ...event, finishReason };
      }
    }
  }

  /** Nearly all events stay as they are, and with them their list. */
  function checkAll(events: readonly ProviderEvent[]): readonly ProviderEvent[] {
    let changed: ProviderEvent[] | undefined;
    for (let index = 0; index < events.length; index++) {
      const event = events[index] as ProviderEvent;
      const checked = check(event);
      if (checked === event) continue;
      changed ??= [...events];
      changed[index] = checked;
    }
    return changed ?? events;
  }

  return {
    push: (event) => checkAll(decoder.push(event)),
    end: () => checkAll(decoder.end()),
    usage: decoder.usage,
  };
}

/** An answer with calls never ends as STOP or OTHER, and one without calls never as TOOL_CALL. */
function checkedFinishReason(given: FinishReason, { hasCalls }: Contents): FinishReason {
  if (hasCalls) return given === 'stop' || given === 'other' ? 'tool_call' : given;
  return given === 'tool_call' ? 'stop' : given;
}

function isEmptySuccess(given: FinishReason, { hasContent }: Contents, usage: Usage | undefined): boolean {
  return !hasContent && (given === 'stop' || given === 'other') && (usage?.outputTokens ?? 0) > 0;
}

function emptyAnswer(provider: string): GatewayError {
  const message = `${provider} reported output tokens and sent no text, reasoning, tool call, file or refusal.`;
  return new GatewayError('UPSTREAM_MALFORMED', message);
}

/** Ids of the calls of one answer: a repeated one gets the position of its call as a suffix. */
function createCallIds(provider: string) {
  const ids: string[] = [];
  const used = new Set<string>();
  return {
    idOf(index: number, id: string, name: string): string {
      const known = ids[index];
      if (known !== undefined) return known;
      if (name === '') throw new GatewayError('UPSTREAM_MALFORMED', `${provider} sent a tool call without a name.`);
      let unique = id;
      for (let next = index; used.has(unique); next++) unique = `${id}_${next}`;
      used.add(unique);
      ids[index] = unique;
      return unique;
    },
  };
}
