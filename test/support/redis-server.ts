import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** An empty Redis for one test, on a free port. */
export type RedisServer = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Freezes it: it keeps its connections and answers nothing. */
  freeze(): void;
  thaw(): void;
  /** Kills it, with all its data. */
  kill(): Promise<void>;
  /** Starts it again at the same address. */
  restart(): Promise<void>;
};

/** Whether Redis is installed. Tests that need it skip with a message without it. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis)
  console.warn('There is no redis-server on this machine: what needs one is not tested (apt-get install redis-server)');

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  let child = await launch(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => end(child),
    async restart() {
      child = await launch(port);
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** A proxy that delays the replies of the server. */
export type SlowLink = AsyncDisposable & { readonly url: string; delayMs: number };

export async function startSlowLink(port: number): Promise<SlowLink> {
  const link = { delayMs: 0 };
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    near.pipe(far);
    far.on('data', (piece) => setTimeout(() => near.writable && near.write(piece), link.delayMs));
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  const own = await listen(server);
  return Object.assign(link, {
    url: `redis://127.0.0.1:${own}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  });
}

async function launch(port: number): Promise<ChildProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'parley-redis-'));
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    let written = '';
    child.stdout.on('data', (piece) => {
      written += piece;
      if (written.includes('Ready to accept connections')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`redis-server ended with ${code}:\n${written}`)));
  });
  return child;
}

/** In any state: a frozen process ends, too. */
function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
}
