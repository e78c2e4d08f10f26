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

/** Programs side by side: the one under test is pinned to a core of its own where the system allows it. */

export const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const node = here('../node_modules/.bin/node');

/** The program under test, and everything that measures. */
export type Core = 'gateway' | 'others';

const canPin = process.platform === 'linux' && cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0;
const cores = { gateway: '0', others: `1-${cpus().length - 1}` };

export function pinned(core: Core, command: readonly string[]): readonly string[] {
  return canPin ? ['taskset', '-c', cores[core], ...command] : command;
}

/** This program is part of the measuring side. */
export function pinSelf(): void {
  if (canPin) spawnSync('taskset', ['-a', '-c', '-p', cores.others, String(process.pid)]);
}

/** Open-file limit of this program and its children: a gateway holds two descriptors for each stream. Node raises it to the hard limit. */
export function raiseDescriptors(): void {
  spawnSync('prlimit', ['--pid', String(process.pid), '--nofile=65536:65536']);
}

/** Arguments for Node that make `vitals` available. */
export const probed = ['--expose-gc', '--import', pathToFileURL(here('probe.ts')).href];

export type Running = AsyncDisposable & {
  readonly pid: number;
  /** With `collect`, after a garbage collection. */
  vitals(when?: Question['when']): Promise<Vitals>;
};

export type StartOptions = {
  readonly core: Core;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The line that it prints when it is ready, or a promise. */
  readonly ready: RegExp | (() => Promise<void>);
};

export async function start(command: readonly string[], { core, cwd, env, ready }: StartOptions): Promise<Running> {
  const [program = '', ...args] = pinned(core, command);
  // To a file, as a log: reading a pipe would cost time on the measuring side.
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
 * Keeps all cores awake until it is disposed of: an idle-priority process runs on each. Waking a core may take as long as the
 * gateway's work, and differs from hour to hour. Where the system has no idle priority, cores sleep.
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
  // Limited in time, in case it is never stopped.
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
// Children are stopped however this program ends.
process.once('exit', () => {
  for (const child of running) child.kill();
  rmSync(root, { recursive: true, force: true });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** A temporary folder with these files, deleted when this program ends. */
export function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(root, 'part-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
