import type { ProviderEvent } from '../../core/completion.ts';
import { generateCallId } from '../generated-call-id.ts';
import { nonEmptyString, object, string, tokenCount, type WireObject } from '../read-json.ts';
import { createStreamedArguments, type StreamedArguments } from '../streamed-arguments.ts';
import { callId } from './decode.ts';

type OpenCall = {
  readonly key: number;
  readonly wireId: string | undefined;
  readonly id: string;
  name: string | undefined;
  readonly args: StreamedArguments;
  /** Arguments that came before the name. */
  waiting: string;
};

export type CallReader = {
  read(deltas: readonly unknown[], answerId: string | undefined): readonly ProviderEvent[];
  count(): number;
  finish(): readonly ProviderEvent[];
};

/** Puts the deltas of tool calls together. A call is complete when the stream is: `{}` may be where longer ones begin. */
export function createCallReader(): CallReader {
  const calls: OpenCall[] = [];

  function readCall(wire: WireObject, position: number, answerId: string | undefined): readonly ProviderEvent[] {
    const index = findCall(wire, position, answerId);
    const call = calls[index];
    if (!call) return [];
    const called = object(wire['function']);
    const isNamed = call.name !== undefined;
    call.name ??= nonEmptyString(called['name']);
    call.waiting += call.args.push(argumentsPiece(called['arguments']));
    return call.name === undefined || (isNamed && call.waiting === '') ? [] : [toDelta(call, index)];
  }

  /** Deltas of one call share its wire index; where there is none, its id, or else its place. */
  function findCall(wire: WireObject, position: number, answerId: string | undefined): number {
    const wireIndex = tokenCount(wire['index']);
    const wireId = callId(wire['id']);
    const key = wireIndex ?? (wireId === undefined ? position : undefined);
    const known = calls.findLastIndex((call) =>
      key === undefined
        ? call.wireId === wireId
        : call.key === key && (wireId === undefined || call.wireId === undefined || call.wireId === wireId),
    );
    if (known >= 0) return known;
    calls.push({
      id: wireId ?? generateCallId(answerId, calls.length),
      key: key ?? calls.length,
      wireId,
      name: undefined,
      args: createStreamedArguments(),
      waiting: '',
    });
    return calls.length - 1;
  }

  function finish(): readonly ProviderEvent[] {
    return calls.flatMap((call, index) => {
      call.waiting += call.args.end();
      return call.waiting === '' ? [] : [toDelta(call, index)];
    });
  }

  return {
    read: (deltas, answerId) => deltas.flatMap((delta, position) => readCall(object(delta), position, answerId)),
    count: () => calls.length,
    finish,
  };
}

function toDelta(call: OpenCall, index: number): ProviderEvent {
  const { id, name = '', waiting } = call;
  call.waiting = '';
  return { type: 'tool_call', index, id, name, argumentsDelta: waiting };
}

function argumentsPiece(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (string(value) ?? '');
}
