import { writeSync } from 'node:fs';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import type { Log } from '../core/ports.ts';

type Output = NodeJS.WriteStream & { readonly fd: number };

/**
 * Lines are written in batches, a fifth of a second late at most, and at the end of the process. For a reader of the log who is
 * behind so much is held; beyond it lines are lost, for a full pipe is no reason to stop answering.
 */
const batches = { minLength: 32 * 1024, maxWrite: 64 * 1024, periodicFlush: 200, maxLength: 4 * 1024 * 1024 };

/** How often, a tenth of a second apart, such a reader is tried in the end. It would hold the process for ever. */
const lastTries = 3;

export type ProcessLog = Log &
  Pick<Logger, 'flush' | 'level'> & {
    /** Writes what is held, as far as it is taken, and nothing after that. For the exit of the process: it may block. */
    close(): void;
  };

/** Lines for people on a terminal, JSON for machines elsewhere. Nothing that is logged holds a prompt, an answer or a key. */
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
    return Object.assign(pino(options, lines), { close() {} });
  }
  const { lines, close } = openLines(output.fd);
  const logger = pino(options, lines);
  /** As pino writes it. What holds no error needs none of its serializers, and is written in a third of the time. */
  const write = (level: keyof Log, fields: Parameters<Log['info']>[0], message: string) => {
    if ('err' in fields) return logger[level](fields, message);
    if (!logger.isLevelEnabled(level)) return;
    const line = { level: logger.levels.values[level], time: Date.now(), ...fields, msg: message };
    lines.write(`${JSON.stringify(line)}\n`);
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
    flush: (done) => logger.flush(done),
    close,
  };
}

/**
 * A disk that is full is no reason to stop answering either: it is told once, where that may be seen, and written to again with the
 * next lines. At the end of the process sonic-boom would try for ever, there and with a reader who takes nothing.
 */
function openLines(fd: number) {
  let triesLeft = Infinity;
  let isFailing = false;
  const lines = pino.destination({ dest: fd, sync: false, ...batches, retryEAGAIN: () => triesLeft-- > 0 });
  const { write, flush, flushSync } = lines;
  let heldBytes = 0;
  let turn: string[] = [];
  let isClosed = false;
  // sonic-boom measures all that it holds with each line that is added: those of one turn are one for it.
  lines.write = (line) => {
    if (turn.length === 0) process.nextTick(pass);
    turn.push(line);
    return true;
  };
  function pass(): void {
    if (turn.length === 0 || isClosed) return;
    const text = turn.join('');
    turn = [];
    heldBytes += Buffer.byteLength(text);
    write.call(lines, text);
  }
  lines.flush = (done) => {
    pass();
    flush.call(lines, done);
  };
  lines.flushSync = () => {
    pass();
    if (heldBytes <= 0) return;
    try {
      // In front of a line of JSON it means nothing; whether it can be written means a lot.
      writeSync(fd, ' ');
    } catch (thrown) {
      return fail(thrown as NodeJS.ErrnoException);
    }
    flushSync.call(lines);
  };
  lines.on('drop', (line) => {
    heldBytes -= Buffer.byteLength(line);
  });
  lines.on('error', fail);
  lines.on('write', (bytes) => {
    heldBytes -= Number(bytes);
    // A flush of nothing succeeds on a full disk too.
    if (Number(bytes) > 0) isFailing = false;
  });

  function fail({ code }: NodeJS.ErrnoException): void {
    if (!isFailing) console.error(`The log cannot be written (${code}): its lines are lost until it can.`);
    isFailing = true;
  }

  return {
    lines,
    close() {
      triesLeft = lastTries;
      try {
        lines.flushSync();
      } catch {
        // Lost, as lines are for whom there is no more room.
      }
      isClosed = true;
      lines.destroy();
    },
  };
}

/**
 * What an error is and where it comes from, never what it says: libraries quote in their messages what they stumble over, and
 * hang requests and responses on their errors. Those hold what nobody may read.
 */
function toPlainError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return { type: typeof thrown };
  const { name, message, stack = '', cause } = thrown;
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  // The message stands in front of the stack, and may look like a part of it.
  const [, frames] = message === '' ? ['', stack] : stack.split(message, 2);
  return {
    type: name,
    ...(code !== undefined && { code }),
    stack: frames?.match(/^ +at .+$/gm)?.map((frame) => frame.trim()),
    ...(cause !== undefined && { cause: toPlainError(cause) }),
  };
}
