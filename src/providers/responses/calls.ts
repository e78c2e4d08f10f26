import type { AnswerEvent } from '../../core/completion.ts';
import { madeUpCallId } from '../generated-call-id.ts';
import { argumentsText, text, type Wire, word } from '../read-json.ts';
import { createStreamedArguments, type StreamedArguments } from '../streamed-arguments.ts';
import { createTold } from './delta-dedupe.ts';

type OpenCall = {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly args: StreamedArguments;
  isTold: boolean;
};

export type CallReader = {
  /** `place` is where the call stands among the items of the output. */
  open(place: number, item: Wire, answerId: string | undefined): void;
  push(place: number, delta: string): readonly AnswerEvent[];
  /** The arguments as a whole. */
  complete(place: number, args: unknown): readonly AnswerEvent[];
  /** The item is complete. */
  close(place: number, item: Wire, answerId: string | undefined): readonly AnswerEvent[];
  /** No more comes: calls that nobody closed. */
  finish(isComplete: boolean): readonly AnswerEvent[];
  /** The id that the caller was told; nothing for a call that the caller does not know of. */
  idOf(place: number): string | undefined;
  count(): number;
};

/** Puts function calls together. A call is told with its first arguments: its item alone is no content. */
export function createCallReader(): CallReader {
  const calls = new Map<number, OpenCall>();
  const told = createTold();

  function open(place: number, item: Wire, answerId: string | undefined): OpenCall {
    const known = calls.get(place);
    if (known) return known;
    const index = calls.size;
    const call: OpenCall = {
      index,
      id: word(item['call_id']) ?? madeUpCallId(answerId, index),
      name: word(item['name']) ?? '',
      args: createStreamedArguments(),
      isTold: false,
    };
    calls.set(place, call);
    return call;
  }

  function push(place: number, delta: string): readonly AnswerEvent[] {
    const call = calls.get(place);
    return call ? tell(call, call.args.push(told.add(String(place), delta))) : [];
  }

  function complete(place: number, args: unknown): readonly AnswerEvent[] {
    const call = calls.get(place);
    const whole = typeof args === 'object' && args !== null ? argumentsText(args) : (text(args) ?? '');
    return call ? tell(call, call.args.push(told.complete(String(place), whole))) : [];
  }

  function close(place: number, item: Wire, answerId: string | undefined): readonly AnswerEvent[] {
    const known = calls.get(place);
    // Cut off inside of its arguments. One of which a part was told cannot be taken back.
    if (item['status'] === 'incomplete' && !known?.isTold) {
      calls.delete(place);
      return [];
    }
    const call = open(place, item, answerId);
    return [...complete(place, item['arguments']), ...tell(call, call.args.end())];
  }

  function finish(isComplete: boolean): readonly AnswerEvent[] {
    return [...calls].flatMap(([place, call]) => {
      if (isComplete || call.isTold) return tell(call, call.args.end());
      calls.delete(place);
      return [];
    });
  }

  return {
    open: (place, item, answerId) => void open(place, item, answerId),
    push,
    complete,
    close,
    finish,
    idOf: (place) => calls.get(place)?.id,
    count: () => calls.size,
  };
}

function tell(call: OpenCall, argumentsDelta: string): readonly AnswerEvent[] {
  if (argumentsDelta === '') return [];
  call.isTold = true;
  const { index, id, name } = call;
  return [{ type: 'tool_call', index, id, name, argumentsDelta }];
}
