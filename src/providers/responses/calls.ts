import type { ProviderEvent } from '../../core/completion.ts';
import { generateCallId } from '../generated-call-id.ts';
import { argumentsText, nonEmptyString, string, type WireObject } from '../read-json.ts';
import { createStreamedArguments, type StreamedArguments } from '../streamed-arguments.ts';
import { createDeltaDeduper } from './delta-dedupe.ts';

type OpenCall = {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: StreamedArguments;
  isOpened: boolean;
};

export type CallReader = {
  /** `position` is the index of the call among the output items. */
  open(position: number, item: WireObject, answerId: string | undefined): void;
  push(position: number, delta: string): readonly ProviderEvent[];
  /** The complete arguments. */
  complete(position: number, args: unknown): readonly ProviderEvent[];
  /** The item is complete. */
  close(position: number, item: WireObject, answerId: string | undefined): readonly ProviderEvent[];
  /** The end: calls that were not closed. */
  finish(isComplete: boolean): readonly ProviderEvent[];
  /** The id that the client got; undefined for a call that was not emitted. */
  idOf(position: number): string | undefined;
  count(): number;
};

/** Assembles function calls. A call is emitted with its first arguments: its item alone is no content. */
export function createCallReader(): CallReader {
  const calls = new Map<number, OpenCall>();
  const known = createDeltaDeduper();

  function open(position: number, item: WireObject, answerId: string | undefined): OpenCall {
    const known = calls.get(position);
    if (known) return known;
    const index = calls.size;
    const call: OpenCall = {
      index,
      id: nonEmptyString(item['call_id']) ?? generateCallId(answerId, index),
      name: nonEmptyString(item['name']) ?? '',
      args: createStreamedArguments(),
      isOpened: false,
    };
    calls.set(position, call);
    return call;
  }

  function push(position: number, delta: string): readonly ProviderEvent[] {
    const call = calls.get(position);
    return call ? toDelta(call, call.args.push(known.add(String(position), delta))) : [];
  }

  function complete(position: number, args: unknown): readonly ProviderEvent[] {
    const call = calls.get(position);
    const whole = typeof args === 'object' && args !== null ? argumentsText(args) : (string(args) ?? '');
    return call ? toDelta(call, call.args.push(known.complete(String(position), whole))) : [];
  }

  function close(position: number, item: WireObject, answerId: string | undefined): readonly ProviderEvent[] {
    const known = calls.get(position);
    // Cut off inside its arguments. A call that was emitted in part cannot be taken back.
    if (item['status'] === 'incomplete' && !known?.isOpened) {
      calls.delete(position);
      return [];
    }
    const call = open(position, item, answerId);
    return [...complete(position, item['arguments']), ...toDelta(call, call.args.end())];
  }

  function finish(isComplete: boolean): readonly ProviderEvent[] {
    return [...calls].flatMap(([position, call]) => {
      if (isComplete || call.isOpened) return toDelta(call, call.args.end());
      calls.delete(position);
      return [];
    });
  }

  return {
    open: (position, item, answerId) => void open(position, item, answerId),
    push,
    complete,
    close,
    finish,
    idOf: (position) => calls.get(position)?.id,
    count: () => calls.size,
  };
}

function toDelta(call: OpenCall, argumentsDelta: string): readonly ProviderEvent[] {
  if (argumentsDelta === '') return [];
  call.isOpened = true;
  const { index, id, name } = call;
  return [{ type: 'tool_call', index, id, name, argumentsDelta }];
}
