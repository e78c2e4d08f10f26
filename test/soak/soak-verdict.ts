import { toMiB } from './mebibytes.ts';
import type { Soaked } from './soak.ts';

/** How much a process may grow until everything in it has been used once. */
const maxGrowthBytes = 8 * 1024 * 1024;

/** What is left over, and should not be. */
export function verdictOf(soaked: Soaked): readonly string[] {
  const { before, after, calls, ended, open, upstreamsLeft, isAlive, defects } = soaked;
  const growth = after.heapBytes - before.heapBytes;
  const { TCPSocketWrap: sockets = 0, Timeout: timers = 0 } = after.resources;
  const wrongs: readonly (readonly [boolean, string])[] = [
    [!isAlive, 'the gateway has ended'],
    [growth > maxGrowthBytes, `the heap has grown by ${toMiB(growth)} MiB`],
    [sockets > 0, `${sockets} sockets are left`],
    [timers > 0, `${timers} timers are left`],
    [after.listeners > before.listeners, `${after.listeners - before.listeners} listeners are left`],
    [upstreamsLeft > 0, `${upstreamsLeft} connections to providers are left`],
    [open > 0, `${open} calls have not ended`],
    [ended !== calls, `${calls} calls were begun, and ${ended} have ended`],
    [defects.length > 0, `the log tells of defects: ${defects.slice(0, 3).join('\n')}`],
  ];
  return wrongs.flatMap(([isWrong, what]) => (isWrong ? [what] : []));
}
