import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../core/ports.ts';
import { createLineWriter } from './line-writer.ts';

type Output = NodeJS.WriteStream & { readonly fd: number };

const buffering = { batchBytes: 32 * 1024, flushMs: 200, maxHeldBytes: 4 * 1024 * 1024 };

export type ProcessLog = Log &
  Pick<Logger, 'level'> & {
    /** Calls back when everything that was logged before is written, or lost. */
    flush(done: () => void): void;
    /** Writes what is buffered and nothing afterwards. For the exit of the process: it may block for a moment. */
    close(): void;
  };

/** Coloured lines on a terminal, JSON lines elsewhere. Nothing that is logged holds a prompt, an answer or a key. */
export function createLog(level: string, output: Output = process.stdout): ProcessLog {
  const options = { level, base: null, serializers: { err: toPlainError } };
  if (output.isTTY) {
    const lines = pretty({
      colorize: true,
      ignore: 'pid,hostname',
      singleLine: true,
      sync: true,
      destination: output.fd,
    });
    return Object.assign(pino(options, lines), { flush: (done: () => void) => done(), close() {} });
  }
  const writer = createLineWriter(output.fd, buffering);
  const logger = pino(options, writer);
  /** The same line as pino's. Without an error it needs none of pino's serializers, which take two thirds of the time. */
  const write = (level: keyof Log, fields: Parameters<Log['info']>[0], message: string) => {
    if ('err' in fields) return logger[level](fields, message);
    if (!logger.isLevelEnabled(level)) return;
    const line = { level: logger.levels.values[level], time: Date.now(), ...fields, msg: message };
    writer.write(`${JSON.stringify(line)}\n`);
  };
  return {
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
    get level() {
      return logger.level;
    },
    set level(level) {
      logger.level = level;
    },
    flush: writer.flush,
    close: writer.close,
  };
}

/**
 * An error's type, code and stack frames, and never its message: libraries quote in messages what they stumble over, and
 * attach requests and responses to their errors.
 */
function toPlainError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const { name, message, stack = '', cause } = thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  // The stack begins with the message, which may look like a frame.
  const [, frames] = message === '' ? ['', stack] : stack.split(message, 2);
  return {
    type: name,
    ...(code !== undefined && { code }),
    stack: frames?.match(/^ +at .+$/gm)?.map((frame) => frame.trim()),
    ...(cause !== undefined && { cause: toPlainError(cause) }),
  };
}
