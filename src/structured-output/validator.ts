import { Worker } from 'node:worker_threads';
import { LRUCache } from 'lru-cache';
import type { JsonObject } from '../core/json-object.ts';
import type { OutputCheck, OutputValidator } from '../core/structured-output.ts';
import type { CheckRequest, WorkerMessage } from './messages.ts';

export type ValidatorSettings = {
  /** The longest that one validation may take, in milliseconds. */
  readonly timeoutMs: number;
};

/** Validations take a few milliseconds. On a machine that is busy with other things they may wait for a processor. */
const defaults: ValidatorSettings = { timeoutMs: 1_000 };

/** A schema that took too long is not tried again for so long. */
const slowForMs = 60_000;

type Job = Omit<CheckRequest, 'id'> & {
  readonly key: string;
  readonly resolve: (check: OutputCheck) => void;
};

const tooSlow: OutputCheck = { kind: 'unchecked', why: 'the validation took too long' };
const stopped: OutputCheck = { kind: 'unchecked', why: 'the gateway is shutting down' };

/**
 * Validates in one worker thread, one value after the other. Callers take turns, so that one with many or slow schemas makes
 * nobody else wait for more than one validation. The thread is started with the first validation, ended when one takes too
 * long, and does not keep the process alive.
 */
export function createOutputValidator({ timeoutMs }: ValidatorSettings = defaults): OutputValidator {
  /** Jobs by caller. The caller whose turn it is comes first. */
  const waiting = new Map<string, Job[]>();
  /** Schemas that took too long, by their JSON. */
  const slow = new LRUCache<string, true>({ max: 200, ttl: slowForMs });
  let worker: Worker | undefined;
  let isReady = false;
  let isClosed = false;
  let running: { readonly job: Job; readonly id: number; readonly timer: NodeJS.Timeout } | undefined;
  let lastId = 0;

  function start(): void {
    const thread = new Worker(workerUrl(), { name: 'json-schema', stderr: false });
    thread.unref();
    worker = thread;
    isReady = false;
    thread.on('message', (message: WorkerMessage) => {
      if (worker !== thread) return;
      if (message.type === 'ready') isReady = true;
      else if (message.id === running?.id) finish(message.check);
      next();
    });
    thread.on('error', (error: Error) => {
      if (worker !== thread) return;
      worker = undefined;
      if (running) finish({ kind: 'unchecked', why: error.message.slice(0, 200) });
      // A worker that cannot be started would fail for every job.
      else if (!isReady) dropAll({ kind: 'unchecked', why: 'the validator could not be started' });
      next();
    });
  }

  function next(): void {
    const [turn] = waiting;
    if (running || isClosed || !turn) return;
    if (!worker) start();
    if (worker && isReady) run(worker, turn);
  }

  function run(thread: Worker, turn: readonly [string, Job[]]): void {
    const [caller, jobs] = turn;
    const job = jobs.shift();
    waiting.delete(caller);
    if (jobs.length > 0) waiting.set(caller, jobs);
    if (!job || slow.has(job.key)) {
      job?.resolve(tooSlow);
      next();
      return;
    }
    const id = ++lastId;
    // A result that has arrived by then is read first: this thread may have been busy itself.
    const timer = setTimeout(() => setImmediate(giveUp, id), timeoutMs);
    running = { job, id, timer };
    thread.postMessage({ id, schema: job.schema, value: job.value } satisfies CheckRequest);
  }

  function finish(check: OutputCheck): void {
    if (!running) return;
    clearTimeout(running.timer);
    running.job.resolve(check);
    running = undefined;
  }

  function giveUp(id: number): void {
    if (running?.id !== id) return;
    slow.set(running.job.key, true);
    const ended = worker;
    worker = undefined;
    finish(tooSlow);
    void ended?.terminate();
    next();
  }

  function dropAll(check: OutputCheck): void {
    for (const jobs of waiting.values()) {
      for (const job of jobs) job.resolve(check);
    }
    waiting.clear();
  }

  return {
    check(schema: JsonObject, value: unknown, caller: string) {
      if (isClosed) return Promise.resolve(stopped);
      return new Promise((resolve) => {
        const jobs = waiting.get(caller);
        const job = { schema, value, key: JSON.stringify(schema), resolve };
        if (jobs) jobs.push(job);
        else waiting.set(caller, [job]);
        next();
      });
    },
    async close() {
      isClosed = true;
      finish(stopped);
      dropAll(stopped);
      await worker?.terminate();
    },
  };
}

/** The built program has the worker beside it. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './schema-worker.js', import.meta.url);
}
