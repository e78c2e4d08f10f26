import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exitOf } from './gateway-process.ts';

/** Debian's nginx. Tests that need it skip with a message without it. */
export const nginxPath = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'].find((path) =>
  existsSync(path),
);
if (!nginxPath)
  console.warn('There is no nginx on this machine: what needs one is not tested (apt-get install nginx-light)');

export type Nginx = AsyncDisposable & { readonly url: string };

/** Runs deploy/nginx.conf unchanged but for addresses and the paths that an ordinary user may write. */
export async function startNginx(...gateways: readonly string[]): Promise<Nginx> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'parley-nginx-'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${kind};`);
  let text = readFileSync(new URL('../../deploy/nginx.conf', import.meta.url), 'utf8')
    .replace('listen 80;', `listen 127.0.0.1:${port};`)
    .replace('http {', `http {\n${temporary.join('\n')}`);
  for (const [index, url] of gateways.entries()) {
    text = text.replace(`gateway-${index + 1}:4000`, new URL(url).host);
  }
  writeFileSync(join(folder, 'nginx.conf'), text);
  const settings = `daemon off; pid ${folder}/nginx.pid; error_log stderr;`;
  const child = spawn(nginxPath ?? 'nginx', ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr', '-g', settings]);
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child);
  return {
    url,
    async [Symbol.asyncDispose]() {
      const ended = exitOf(child);
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** nginx prints nothing when it listens. */
async function answers(url: string, child: ChildProcess): Promise<void> {
  const said: string[] = [];
  child.stderr?.on('data', (piece) => said.push(String(piece)));
  while (child.exitCode === null) {
    const response = await fetch(`${url}/healthz`).catch(() => undefined);
    if (response?.ok) return;
  }
  throw new Error(`nginx ended with ${child.exitCode}:\n${said.join('')}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
