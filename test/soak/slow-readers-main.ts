import { parseArgs } from 'node:util';
import { toMiB } from './mebibytes.ts';
import { stallReaders } from './slow-readers.ts';

/** `npm run slow-readers`: 200 clients that request an endless stream and stop reading, for a minute. */

const { values } = parseArgs({
  options: { readers: { type: 'string', default: '200' }, seconds: { type: 'string', default: '60' } },
});
const [readers, heldMs] = [Number(values.readers), Number(values.seconds) * 1000];
if (!Number.isSafeInteger(readers) || !(heldMs > 0)) {
  console.error('Usage: npm run slow-readers -- [--readers NUMBER] [--seconds NUMBER]');
  process.exit(2);
}
const limitMs = heldMs + 1_000;
const seen = await stallReaders({ readers, heldMs, limitMs });
const { rss, perReaderBytes, growthBytes, cutEarly, lastEndedMs, socketsLeft } = seen;
console.log(
  `rss   ${toMiB(rss.before)} MiB before, ${rss.stalled.map(toMiB).join(', ')} while ${readers} stall, ${toMiB(rss.after)} after`,
);
console.log(
  `each  ${toMiB(perReaderBytes)} MiB; all together ${toMiB(growthBytes)} MiB more at the end of the wait than at its beginning`,
);
console.log(
  `ended after ${(lastEndedMs / 1000).toFixed(1)} s with a limit of ${limitMs / 1000} s; ${socketsLeft} sockets left`,
);
// The timer of a socket fires after one to two times its limit.
const isRight =
  perReaderBytes < 6 * 1024 * 1024 &&
  growthBytes < readers * 256 * 1024 &&
  cutEarly === 0 &&
  lastEndedMs < 2 * limitMs + 10_000 &&
  socketsLeft === 0;
console.log(isRight ? 'ok' : `FAIL ${JSON.stringify({ cutEarly })}`);
process.exitCode = isRight ? 0 : 1;
