import { setImmediate } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';

/**
 * Preloaded into a contestant (`--import`). Reports memory and processor time to the parent process over the IPC channel: a
 * public endpoint would be part of the measurement.
 */

export type Vitals = {
  /** All bytes ever allocated on the heap: the same work allocates the same on any machine. */
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
// The channel must not keep the process alive.
process.channel?.unref();
