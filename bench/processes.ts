import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Programs side by side: the one under test has a core to itself where the system can give it one. */

export const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
export const node = here('../node_modules/.bin/node');

/** Whose turn it is to be measured, and everything that measures. */
export type Core = 'gateway' | 'others';

const canPin = process.platform === 'linux' && cpus().length > 1 && spawnSync('taskset', ['-V']).status === 0;

export function pinned(core: Core, command: readonly string[]): readonly string[] {
  if (!canPin) return command;
  return ['taskset', '-c', core === 'gateway' ? '0' : `1-${cpus().length - 1}`, ...command];
}

export type Running = AsyncDisposable & { readonly pid: number; readonly output: () => string };

export type StartOptions = {
  readonly core: Core;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What it writes when it is ready. */
  readonly ready: RegExp;
};

export async function start(command: readonly string[], { core, cwd, env, ready }: StartOptions): Promise<Running> {
  const [program = '', ...args] = pinned(core, command);
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let written = '';
  await new Promise<void>((resolve, reject) => {
    const look = (piece: Buffer) => {
      // The log of a long run is of no use here.
      if (written.length < 100_000) written += piece;
      if (ready.test(written)) resolve();
    };
    child.stdout.on('data', look);
    child.stderr.on('data', look);
    child.once('exit', (code) => reject(new Error(`${command.join(' ')} ended with ${code}:\n${written}`)));
  });
  return { pid: child.pid ?? 0, output: () => written, [Symbol.asyncDispose]: () => stop(child) };
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null) return resolve();
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

/** A folder with these files in it. */
export function folder(files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(tmpdir(), 'parley-bench-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return path;
}
