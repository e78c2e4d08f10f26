import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { on, once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Answer, Question, Vitals } from './probe.ts';

/** Programs side by side: the one under test has a core to itself where the system can give it one. */

export const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const node = here('../node_modules/.bin/node');

/** Whose turn it is to be measured, and everything that measures. */
export type Core = 'gateway' | 'others';

const canPin = process.platform === 'linux' && cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0;
const cores = { gateway: '0', others: `1-${cpus().length - 1}` };

export function pinned(core: Core, command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', cores[core], ...command] : command;
}

/** This program measures too. */
export function pinSelf(): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', cores.others, String(process.pid)]);
}

/** Of this program and all that it starts, where it may: a gateway holds two for each stream. Node takes all that it is let. */
export function raiseDescriptors(): void {
  spawnSync('prlimit', ['--pid', String(process.pid), '--nofile=65536:65536']);
}

/** Arguments of Node with which `vitals` can be asked for. */
export const probed = ['--expose-gc', '--import', pathToFileURL(here('probe.ts')).href];

export type Running = AsyncDisposable & {
  readonly pid: number;
  /** After the garbage is collected, if it is asked so. */
  vitals(when?: Question['when']): Promise<Vitals>;
};

export type StartOptions = {
  readonly core: Core;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it writes when it is ready, or what can be waited for. */
  readonly ready: RegExp | (() => Promise<void>);
};

export async function start(command: readonly string[], { core, cwd, env, ready }: StartOptions): Promise<Running> {
  const [program = '', ...args] = pinned(core, command);
  // To a file, as a log: reading a pipe would cost whoever measures.
  const output = join(folder({}), 'output');
  const file = openSync(output, 'w');
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', file, file, 'ipc'],
  });
  closeSync(file);
  running.add(child);
  child.once('exit', () => running.delete(child));
  const started: Running = {
    pid: child.pid ?? 0,
    vitals: (when = 'now') => vitals(child, when),
    [Symbol.asyncDispose]: async () => {
      await stop(child);
      rmSync(output, { force: true });
    },
  };
  const failed = new AbortController();
  child.once('error', () => failed.abort());
  child.once('exit', () => failed.abort());
  const isReady = ready instanceof RegExp ? written(output, ready, failed.signal) : ready();
  await Promise.race([
    isReady,
    once(failed.signal, 'abort').then(() => {
      throw new Error(`${command.join(' ')} ended with ${child.exitCode}:\n${readFileSync(output, 'utf8')}`);
    }),
  ]);
  return started;
}

async function written(path: string, wanted: RegExp, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !wanted.test(readFileSync(path, 'utf8'))) await wait(1);
}

async function vitals(child: ChildProcess, when: Question['when']): Promise<Vitals> {
  const question: Question = { id: randomUUID(), when };
  const told = on(child, 'message', { close: ['exit'] });
  child.send(question);
  for await (const [answer] of told as AsyncIterable<[Answer]>) if (answer.id === question.id) return answer.vitals;
  throw new Error('It ended before it told how it is');
}

/**
 * Until it is disposed of, no core falls asleep: something runs on each that gives way to everybody. To wake a core may take as
 * long as a gateway does, and differs from hour to hour. Where the system cannot do that, cores sleep.
 */
export function keepAwake(): Disposable {
  const spinners = canPin && spawnSync('chrt', ['--version']).status === 0 ? cpus().map((_, core) => spin(core)) : [];
  return {
    [Symbol.dispose]() {
      for (const spinner of spinners) spinner.kill();
    },
  };
}

function spin(core: number): ChildProcess {
  // Not for ever, should nobody be left to stop it.
  const loop = 'for (const end = Date.now() + 600_000; Date.now() < end; );';
  const command = ['--idle', '0', 'taskset', '-c', String(core), node, '--eval', loop];
  const spinner = spawn('chrt', command, { stdio: 'ignore' });
  running.add(spinner);
  spinner.once('exit', () => running.delete(spinner));
  return spinner;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

const root = mkdtempSync(join(tmpdir(), 'parley-bench-'));
const running = new Set<ChildProcess>();
// However this program ends, it leaves nothing behind.
process.once('exit', () => {
  for (const child of running) child.kill();
  rmSync(root, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A folder with these files in it, for as long as this program runs. */
export function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(root, 'part-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
