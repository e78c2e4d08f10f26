/**
 * Runs expensive work one piece per turn of the event loop, so that requests of other callers are served in between: forty
 * bodies of 8 MB that arrive together would otherwise be parsed in one go.
 */
export type FairTurns = { take(): Promise<void> };

export function createFairTurns(): FairTurns {
  const waiting: (() => void)[] = [];
  let isRunning = false;

  function next(): void {
    const resolve = waiting.shift();
    isRunning = resolve !== undefined;
    if (!resolve) return;
    resolve();
    setImmediate(next);
  }

  return {
    take() {
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (isRunning) return;
        isRunning = true;
        setImmediate(next);
      });
    },
  };
}
