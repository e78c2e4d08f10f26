import { pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../core/ports.ts';

type Output = NodeJS.WriteStream & { readonly fd: number };

/** Lines for people on a terminal, JSON for machines elsewhere. Nothing that is logged holds a prompt, an answer or a key. */
export function createLog(level: string, output: Output = process.stdout): Log {
  const options = { level, base: null, serializers: { err: toPlainError } };
  return output.isTTY
    ? pino(options, pretty({ colorize: true, ignore: 'pid,hostname', sync: true, destination: output.fd }))
    : pino(options, pino.destination({ dest: output.fd, sync: true }));
}

/** Only what an error is for: libraries hang requests and responses on theirs, and those hold what nobody may read. */
function toPlainError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const { name, message, stack, cause } = thrown;
  return { type: name, message, stack, ...(cause !== undefined && { cause: toPlainError(cause) }) };
}
