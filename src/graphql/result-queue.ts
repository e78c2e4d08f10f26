import type { ExecutionResult } from 'graphql';

/**
 * Results that are pushed, as a generator that is pulled. The source waits until its result is taken. Leaving it works at any
 * moment, where a native generator would first wait for the next result. The caller of `return` aborts the source.
 */
export function createResultQueue(
  run: (emit: (result: ExecutionResult) => Promise<void>) => Promise<void>,
  onFailure: (thrown: unknown) => ExecutionResult,
): AsyncGenerator<ExecutionResult, void, undefined> {
  const waiting: { readonly result: ExecutionResult; readonly taken: () => void }[] = [];
  let isOver = false;
  let wake = () => {};

  const emit = (result: ExecutionResult): Promise<void> => {
    if (isOver) return Promise.resolve();
    return new Promise((taken) => {
      waiting.push({ result, taken });
      wake();
    });
  };

  async function read(): Promise<void> {
    try {
      await run(emit);
    } catch (thrown) {
      await emit(onFailure(thrown));
    } finally {
      isOver = true;
      wake();
    }
  }

  const ended = { done: true, value: undefined } as const;
  let isStarted = false;
  const generator: AsyncGenerator<ExecutionResult, void, undefined> = {
    async next() {
      if (!isStarted) void read();
      isStarted = true;
      for (;;) {
        const first = waiting.shift();
        if (first) {
          first.taken();
          return { done: false, value: first.result };
        }
        if (isOver) return ended;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async return() {
      isOver = true;
      for (const { taken } of waiting.splice(0)) taken();
      wake();
      return ended;
    },
    async throw(thrown) {
      await generator.return();
      throw thrown;
    },
    [Symbol.asyncIterator]: () => generator,
    [Symbol.asyncDispose]: async () => void (await generator.return()),
  };
  return generator;
}
