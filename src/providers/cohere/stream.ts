import type { ServerSentEvent, StreamDecoder } from '../../core/adapter.ts';
import { toEvents } from '../../core/collect.ts';
import type { Citation, ProviderEvent, TokenLogprob, Usage } from '../../core/completion.ts';
import { GatewayError } from '../../core/errors.ts';
import { nonEmptyString, object, readJson, string, type WireObject } from '../read-json.ts';
import { createStreamedArguments, type StreamedArguments } from '../streamed-arguments.ts';
import { decode, readCall, readContent, toCitations, toFinishReason, toLogprob, toUsage } from './decode.ts';
import { throwIfBroken, throwIfFailure } from './decode-error.ts';
import { sealToolPlan } from './tool-plan.ts';

type OpenCall = {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: StreamedArguments;
};

export function decodeStream(): StreamDecoder {
  let started = false;
  let finished = false;
  let id: string | undefined;
  let thinking = '';
  let plan = '';
  let usage: Usage | undefined;
  let callCount = 0;
  const openCalls = new Map<unknown, OpenCall>();
  const citations: Citation[] = [];
  const logprobs: TokenLogprob[] = [];

  function push({ data }: ServerSentEvent): readonly ProviderEvent[] {
    if (finished || data.trim() === '' || data.trim() === '[DONE]') return [];
    const event = readJson(data);
    if (typeof event !== 'object' || event === null) {
      throw new GatewayError('UPSTREAM_MALFORMED', 'cohere sent an event that is not JSON.');
    }
    const whole = object(event);
    if (!started && whole['type'] === undefined && whole['finish_reason'] !== undefined) {
      // A whole answer: a server that does not stream.
      finished = true;
      return [...toEvents(decode(whole))];
    }
    return open(whole);
  }

  function open(event: WireObject): readonly ProviderEvent[] {
    throwIfFailure(event);
    id ??= nonEmptyString(event['id']);
    const events = read(event);
    if (started || (event['type'] !== 'message-start' && events.length === 0)) return events;
    started = true;
    return [{ type: 'started', id, model: undefined, created: undefined }, ...events];
  }

  // `type` in the data decides: proxies drop the event line or rewrite it.
  function read(event: WireObject): readonly ProviderEvent[] {
    const delta = object(event['delta']);
    const message = object(delta['message']);
    switch (event['type']) {
      case 'content-start':
      case 'content-delta': {
        logprobs.push(...toLogprob(event['logprobs']));
        const piece = readContent(message['content']);
        thinking += piece.thinking;
        return [
          ...(piece.thinking ? [{ type: 'reasoning' as const, text: piece.thinking }] : []),
          ...(piece.text ? [{ type: 'content' as const, text: piece.text }] : []),
        ];
      }
      case 'tool-plan-delta': {
        const piece = nonEmptyString(message['tool_plan']);
        if (!piece) return [];
        plan += piece;
        return [{ type: 'reasoning', text: piece }];
      }
      case 'tool-call-start':
        return startCall(event['index'], message['tool_calls']);
      case 'tool-call-delta':
        return extendCall(openCalls.get(event['index']), message['tool_calls']);
      case 'tool-call-end':
        return closeCall(event['index']);
      case 'citation-start':
        citations.push(...toCitations(message['citations']));
        return [];
      case 'message-end':
        return finish(delta);
      default:
        return [];
    }
  }

  function startCall(key: unknown, wire: unknown): readonly ProviderEvent[] {
    const index = callCount++;
    const call: OpenCall = { ...readCall(wire, id, index), index, args: createStreamedArguments() };
    const before = closeCall(key);
    openCalls.set(key, call);
    return [...before, callDelta(call, ''), ...extendCall(call, wire)];
  }

  function extendCall(call: OpenCall | undefined, wire: unknown): readonly ProviderEvent[] {
    const piece = call?.args.push(string(object(object(wire)['function'])['arguments']) ?? '');
    return call && piece ? [callDelta(call, piece)] : [];
  }

  function closeCall(key: unknown): readonly ProviderEvent[] {
    const call = openCalls.get(key);
    openCalls.delete(key);
    const rest = call?.args.end();
    return call && rest ? [callDelta(call, rest)] : [];
  }

  function finish(delta: WireObject): readonly ProviderEvent[] {
    usage = toUsage(delta['usage']);
    const rawFinishReason = nonEmptyString(delta['finish_reason']);
    throwIfBroken(rawFinishReason, delta['error']);
    finished = true;
    return [
      ...[...openCalls.keys()].flatMap(closeCall),
      {
        type: 'finished',
        finishReason: toFinishReason(rawFinishReason),
        rawFinishReason,
        refusal: undefined,
        citations,
        usage,
        providerState: sealToolPlan(thinking, plan, callCount > 0),
        ...(logprobs.length > 0 && { logprobs }),
      },
    ];
  }

  function end(): readonly ProviderEvent[] {
    if (finished) return [];
    throw new GatewayError('UPSTREAM_TRUNCATED', 'The stream of cohere ended without message-end.');
  }

  return { push, end, usage: () => usage };
}

function callDelta({ index, id, name }: OpenCall, argumentsDelta: string): ProviderEvent {
  return { type: 'tool_call', index, id, name, argumentsDelta };
}
