import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Preloaded into a gateway process (--import): simulates from inside what a machine does to a process, and reports its resources.
 * Only the parent process controls it.
 */

export type Order =
  /** Blocks the event loop for the given time. */
  | { readonly type: 'block'; readonly ms: number }
  /** Shifts the time of day from now on. */
  | { readonly type: 'jump'; readonly ms: number }
  | { readonly type: 'look' };

/** Resources of the process after a garbage collection. */
export type Holdings = {
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Kinds of active handles of the event loop: sockets, timers, requests. */
  readonly resources: Readonly<Record<string, number>>;
  /** Of the process itself. */
  readonly listeners: number;
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let jumpedMs = 0;
const RealDate = Date;
globalThis.Date = class extends RealDate {
  constructor(...given: ConstructorParameters<typeof RealDate> | []) {
    if (given.length === 0) super(RealDate.now() + jumpedMs);
    else super(...given);
  }
  static override now(): number {
    return RealDate.now() + jumpedMs;
  }
} as DateConstructor;

async function obey(order: Order): Promise<Holdings> {
  switch (order.type) {
    case 'block': {
      const until = performance.now() + order.ms;
      while (performance.now() < until);
      break;
    }
    case 'jump':
      jumpedMs += order.ms;
      break;
    case 'look':
      collectGarbage();
      // Resources that finalizers have released.
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
      break;
  }
  return look();
}

function look(): Holdings {
  const resources: Record<string, number> = {};
  // The immediate belongs to the command itself.
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate');
  for (const kind of kinds) resources[kind] = (resources[kind] ?? 0) + 1;
  const { heapUsed, rss } = process.memoryUsage();
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { heapBytes: heapUsed, rssBytes: rss, resources, listeners };
}

process.on('message', async (order: Order) => process.send?.(await obey(order)));
// The test may end first.
process.channel?.unref();
