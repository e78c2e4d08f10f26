import { write as writeAsync, writeSync } from 'node:fs';

/** How much of a log is buffered, and how long. */
export type LineWriterSettings = {
  /** A buffer of this many bytes is written at once. */
  readonly batchBytes: number;
  /** Lines are written this much later at most, in milliseconds. */
  readonly flushMs: number;
  /** Bytes that are held for a reader that is behind. Beyond them lines are dropped: a full pipe must not stop the gateway. */
  readonly maxHeldBytes: number;
};

export type LineWriter = {
  write(line: string): void;
  /** Calls back when everything that was written before is out, or lost. */
  flush(done?: () => void): void;
  /** Writes what is held as far as it is taken, and nothing afterwards. It may block for a moment: for the exit of the process. */
  close(): void;
};

const retryMs = 100;
/** Attempts at a reader that takes nothing when the process exits. */
const lastAttempts = 3;

/**
 * Writes lines to a file descriptor in batches. A full disk does not stop it: the failure is reported once on stderr, and
 * writing goes on with the next lines.
 */
export function createLineWriter(fd: number, { batchBytes, flushMs, maxHeldBytes }: LineWriterSettings): LineWriter {
  let lines: string[] = [];
  /** Characters of `lines`, and bytes that are being written. Log lines are ASCII but for names of models. */
  let heldChars = 0;
  let heldBytes = 0;
  let isDue = false;
  let writing: Buffer | undefined;
  let isFailing = false;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let waiting: (() => void)[] = [];

  function schedule(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      writeNext();
    }, ms).unref();
  }

  function take(): Buffer {
    const batch = Buffer.from(lines.join(''));
    lines = [];
    heldChars = 0;
    heldBytes += batch.length;
    return batch;
  }

  function writeNext(): void {
    isDue = false;
    if (writing || isClosed) return;
    if (lines.length === 0) {
      drained();
      return;
    }
    writing = take();
    writeRest(writing);
  }

  function writeRest(rest: Buffer): void {
    writeAsync(fd, rest, 0, rest.length, null, (error, written) => {
      if (isClosed) return;
      if (error?.code === 'EAGAIN') {
        writing = rest;
        setTimeout(() => !isClosed && writeRest(rest), retryMs).unref();
        return;
      }
      if (error) {
        fail(error);
        heldBytes -= rest.length;
        writing = undefined;
        writeNext();
        return;
      }
      isFailing = false;
      heldBytes -= written;
      if (written < rest.length) {
        writing = rest.subarray(written);
        writeRest(writing);
        return;
      }
      writing = undefined;
      writeNext();
    });
  }

  function drained(): void {
    const done = waiting;
    waiting = [];
    for (const call of done) call();
  }

  function fail({ code }: NodeJS.ErrnoException): void {
    if (!isFailing) console.error(`The log cannot be written (${code}). Its lines are lost until it can.`);
    isFailing = true;
  }

  /** Returns what could not be written. */
  function writeNow(batch: Buffer): Buffer {
    let rest = batch;
    for (let attempt = 0; rest.length > 0 && attempt < lastAttempts; ) {
      try {
        rest = rest.subarray(writeSync(fd, rest));
      } catch (thrown) {
        const error = thrown as NodeJS.ErrnoException;
        if (error.code !== 'EAGAIN') {
          fail(error);
          return rest;
        }
        attempt += 1;
        // There is no way to sleep but this one: the process is about to exit.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
      }
    }
    return rest;
  }

  return {
    write(line) {
      if (isClosed) return;
      if (heldBytes + heldChars + line.length > maxHeldBytes) return;
      lines.push(line);
      heldChars += line.length;
      if (heldChars < batchBytes) schedule(flushMs);
      else if (!writing && !isDue) {
        isDue = true;
        setImmediate(writeNext);
      }
    },
    flush(done) {
      if (done) waiting.push(done);
      writeNext();
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      writeNow(Buffer.concat([writing ?? Buffer.alloc(0), take()]));
    },
  };
}
