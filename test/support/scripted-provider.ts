import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Preloaded into a gateway process (--import): does to it from inside what a machine does to a process, and looks at what it
 * holds. It obeys the process that started it, and nobody else.
 */

export type Order =
  /** Nothing else runs for so long. */
  | { readonly type: 'block'; readonly ms: number }
  /** The time of day is so much later from now on, or earlier. */
  | { readonly type: 'jump'; readonly ms: number }
  | { readonly type: 'look' };

/** What a process holds, after what nobody holds any more was collected. */
export type Holdings = {
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Kinds of what keeps the event loop busy: sockets, timers, requests. */
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
      // What finalizers have let go.
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
      break;
  }
  return look();
}

function look(): Holdings {
  const resources: Record<string, number> = {};
  // The immediate is that of the order itself.
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== 'Immediate');
  for (const kind of kinds) resources[kind] = (resources[kind] ?? 0) + 1;
  const { heapUsed, rss } = process.memoryUsage();
  const listeners = process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);
  return { heapBytes: heapUsed, rssBytes: rss, resources, listeners };
}

process.on('message', async (order: Order) => process.send?.(await obey(order)));
// The test may end first.
process.channel?.unref();
