import type { ChatEvent } from '../core/completion.ts';
import { createAnswerFold } from './answer-fold.ts';
import { createObjectSnapshots, type StreamEvent } from './object-snapshots.ts';

export type SelectedAdditions = {
  /** CompletionFinished with the whole answer. */
  readonly wholeAnswer: boolean;
  /** ObjectDelta; `resumed` where the beginning of the text is not seen. */
  readonly objects: false | 'fromStart' | 'resumed';
};

/** What an operation selects besides the events of the core, added to them. */
export function createAdditions({
  wholeAnswer,
  objects,
}: SelectedAdditions): ((event: ChatEvent) => readonly StreamEvent[]) | undefined {
  if (!wholeAnswer && !objects) return undefined;
  const fold = wholeAnswer ? createAnswerFold() : (event: ChatEvent) => event;
  const snapshotOf = objects ? createObjectSnapshots(objects === 'fromStart') : () => undefined;
  return (received) => {
    const event = fold(received);
    const snapshot = snapshotOf(event);
    if (!snapshot) return [event];
    return event.type === 'finished' ? [snapshot, event] : [event, snapshot];
  };
}
