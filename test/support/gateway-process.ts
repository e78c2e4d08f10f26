import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Holdings, Order } from './scripted-provider.ts';

const entry = fileURLToPath(new URL('../../src/parley.js', import.meta.url));
/** Compile cache of all processes and runs: starting is most of the work of short ones. */
export const compileCache = fileURLToPath(new URL('../../node_modules/.cache/parley', import.meta.url));

/** Shell commands before the program starts. */
export const inShell = (first: string) => ['sh', '-c', `${first} exec "$@"`, 'sh'] as const;

export type GatewayProcess = {
  readonly url: string;
  /** Its working directory, with the configuration. */
  readonly folder: string;
  /** What it has written to its terminal. */
  output(): string;
  readonly child: ChildProcess;
  stop(): Promise<number | null>;
};

export type GatewaySettings = {
  readonly env?: Readonly<Record<string, string>>;
  /** Contents of parley.yaml and .env. */
  readonly yaml?: string;
  readonly dotEnv?: string;
  /** Other files beside them, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Symlinks, each with its target. */
  readonly links?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** A command that runs the program, which it gets as arguments. */
  readonly through?: readonly string[];
  /** Whether the test can control it from inside (puppet.ts). */
  readonly isPuppet?: boolean;
};

const puppet = new URL('./scripted-provider.ts', import.meta.url);

/** An empty folder with the given configuration. */
export function configFolder({ yaml, dotEnv, files = {}, links = {} }: GatewaySettings): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-'));
  if (yaml !== undefined) writeFileSync(join(folder, 'parley.yaml'), yaml);
  if (dotEnv !== undefined) writeFileSync(join(folder, '.env'), dotEnv);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(folder, name));
  return folder;
}

/** Starts the real program, as `npm start` does, and waits until it serves. */
export async function startGateway(settings: GatewaySettings = {}): Promise<GatewayProcess> {
  const { child, output, folder } = launch(settings);
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const served = /Parley serves (http:\/\/\S+)\/graphql/.exec(output());
      if (served?.[1]) resolve(served[1]);
    };
    child.stdout?.on('data', look);
    child.once('exit', (code) => reject(new Error(`Parley ended with ${code}:\n${output()}`)));
  });
  return {
    url,
    folder,
    output,
    child,
    stop: () => {
      const ended = exitOf(child);
      child.kill('SIGTERM');
      return ended;
    },
  };
}

/** Runs the program to its end, and returns its output. */
export async function runParley(settings: GatewaySettings): Promise<{ code: number | null; output: string }> {
  const { child, output } = launch(settings);
  return { code: await exitOf(child), output: output() };
}

/** Callers without a provider: the test is about something else, and the sandbox answers. */
export function sandboxOf({ yaml = '', env = {}, args = [] }: GatewaySettings): Readonly<Record<string, string>> {
  const hasProvider = /^providers:/m.test(yaml) || Object.keys(env).some((name) => name.endsWith('_API_KEY'));
  const isPublic =
    /^(callers|jwt):/m.test(yaml) || args.includes('--insecure') || 'HOST' in env || yaml.includes('host:');
  return isPublic && !hasProvider ? { PARLEY_SANDBOX: '1' } : {};
}

/** Starts the program without waiting; the test decides how it ends. */
export function launch(settings: GatewaySettings): { child: ChildProcess; output: () => string; folder: string } {
  const { env, args = [], through = [], isPuppet = false, ...rest } = settings;
  const folder = configFolder(rest);
  const written: Buffer[] = [];
  const [command = process.execPath, ...words] = [...through, process.execPath, entry, ...args];
  const child = spawn(command, words, {
    cwd: folder,
    // Without the keys and settings of this machine.
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: compileCache,
      PORT: '0',
      ...sandboxOf(settings),
      ...(isPuppet && { NODE_OPTIONS: `--import=${puppet}` }),
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe', ...(isPuppet ? (['ipc'] as const) : [])],
  });
  child.stdout?.on('data', (piece) => written.push(piece));
  child.stderr?.on('data', (piece) => written.push(piece));
  return { child, output: () => Buffer.concat(written).toString(), folder };
}

/** Sends a command to a controlled process, and waits for its result. */
export function order({ child }: Pick<GatewayProcess, 'child'>, given: Order): Promise<Holdings> {
  return new Promise((resolve) => {
    child.once('message', (holdings: Holdings) => resolve(holdings));
    child.send(given);
  });
}

export function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  // Not 'exit': output may arrive after that.
  return new Promise((resolve) => child.once('close', resolve));
}
