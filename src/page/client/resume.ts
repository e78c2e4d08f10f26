import type { ChatEvent } from './answer.ts';
import { compare, resume, running, stopStream } from './documents.ts';
import { ask, type Problem, watch } from './gateway.ts';
import type { ChatInput, CompareSubscription, ResumeSubscription, RunningQuery } from './operations.ts';

/** One answer over any number of connections. */

export type AnswerWatcher = {
  next(event: ChatEvent): void;
  /** The connection is lost, and another one is tried; or it is back. */
  reconnecting(isLost: boolean): void;
  /** Called once, also after success. */
  end(problem: Problem | undefined): void;
};

/** As long as the gateway waits for a client by default (resume.graceMs). */
const giveUpMs = 30_000;
/** A gateway that has sent nothing may not be there at all. */
const giveUpBeforeStartMs = 4_000;
const firstPauseMs = 250;
const longestPauseMs = 3_000;

/** Returns the function that stops the answer, and the model with it. */
export function follow(input: ChatInput, watcher: AnswerWatcher): () => void {
  let streamId: string | undefined;
  let after: string | undefined;
  let lostAt: number | undefined;
  let pauseMs = firstPauseMs;
  let isOver = false;
  let leave = () => {};

  function connect(): void {
    // Before its start the same request is sent again: its id makes it follow the first one.
    leave = streamId
      ? watch<ResumeSubscription>(resume, { streamId, after }, { next: (data) => onEvent(data.resumeChatStream), end })
      : watch<CompareSubscription>(compare, { input }, { next: (data) => onEvent(data.chatStream), end });
  }

  function onEvent(event: ChatEvent): void {
    if (lostAt !== undefined) watcher.reconnecting(false);
    lostAt = undefined;
    pauseMs = firstPauseMs;
    if (event.__typename === 'CompletionStarted') streamId = event.streamId;
    if ('cursor' in event) after = event.cursor;
    isOver ||= event.__typename === 'CompletionFinished' || event.__typename === 'CompletionFailed';
    watcher.next(event);
  }

  function end(problem: Problem | undefined): void {
    const now = performance.now();
    lostAt ??= now;
    const isPatient = now - lostAt < (streamId ? giveUpMs : giveUpBeforeStartMs);
    if (isOver || !isPatient || !isLostConnection(problem)) {
      isOver = true;
      watcher.end(problem);
      return;
    }
    watcher.reconnecting(true);
    const timer = setTimeout(again, pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
    addEventListener('online', again, { once: true });
    function again(): void {
      clearTimeout(timer);
      removeEventListener('online', again);
      if (!isOver) connect();
    }
  }

  connect();
  return () => {
    isOver = true;
    leave();
    void stop(streamId, input);
  };
}

/** No code: the network. 502 to 504: a proxy whose gateway restarts. */
function isLostConnection(problem: Problem | undefined): boolean {
  return problem?.code === undefined || /^HTTP 50[234]$/.test(problem.code);
}

/** A closed connection does not stop a stream that waits for its client. */
async function stop(streamId: string | undefined, { requestId }: ChatInput): Promise<void> {
  const id =
    streamId ?? (await ask<RunningQuery>(running))?.chatStreams.find((one) => one.requestId === requestId)?.streamId;
  if (id) await ask(stopStream, { streamId: id });
}
