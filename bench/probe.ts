import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

/**
 * Loaded before a contestant (`--import`). Tells its parent, and nobody else, of the memory and time that it takes: over the
 * channel between the two, for a public endpoint would be part of what is measured.
 */

export type Vitals = {
  /** All that was ever allocated on the heap: it grows by the same for the same work, on any machine. */
  readonly allocatedBytes: number;
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly processorMicroseconds: number;
};

export type Question = { readonly id: string; readonly when: 'now' | 'collect' };
export type Answer = { readonly id: string; readonly vitals: Vitals };

process.on('message', async ({ id, when }: Question) => {
  if (when === 'collect') {
    for (let round = 0; round < 3; round++) {
      await globalThis.gc?.({ type: 'major', execution: 'async', flavor: 'last-resort' });
      await setImmediate();
    }
  }
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const vitals = {
    allocatedBytes: getHeapStatistics().total_allocated_bytes,
    heapBytes: heapUsed,
    residentBytes: rss,
    processorMicroseconds: user + system,
  };
  process.send?.({ id, vitals } satisfies Answer);
});
// It is no reason to stay.
process.channel?.unref();
