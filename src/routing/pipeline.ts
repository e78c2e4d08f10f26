import type { OperationAnswer, OperationRequest } from '../core/operation.ts';
import type { Session } from './session.ts';

/**
 * One step in the life of a request. It works on the session and calls `next` for the rest; it may return without that (a
 * cache), or look at what the rest returned (a meter). A stage holds nothing itself: what it acquires goes to the session.
 */
export type Stage = <Request extends OperationRequest, Answer extends OperationAnswer, Result>(
  session: Session<Request, Answer>,
  next: () => Promise<Result>,
) => Promise<Result>;

/** Runs the stages in order, and `last` within them. */
export function runStages<Request extends OperationRequest, Answer extends OperationAnswer, Result>(
  stages: readonly Stage[],
  session: Session<Request, Answer>,
  last: () => Promise<Result>,
): Promise<Result> {
  const run = (index: number): Promise<Result> => {
    const stage = stages[index];
    return stage ? stage(session, () => run(index + 1)) : last();
  };
  return run(0);
}
