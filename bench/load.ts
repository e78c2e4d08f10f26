import { spawnSync } from 'node:child_process';
import { chunkCount, text, textOf, wholeText } from './answers.ts';
import type { Asked, Contestant, Mode } from './contestants.ts';
import { folder, pinned } from './processes.ts';

/** Answers per second, measured with wrk, which is faster than any contestant. */

const connections = { whole: 64, stream: 32 };

export function measure(url: string, asked: Asked, mode: Mode, seconds: number): number {
  const headers = Object.entries(asked.headers).map(
    ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
  );
  const script = `wrk.method = "POST"\n${headers.join('\n')}\nwrk.body = ${luaString(asked.body)}\n`;
  const path = folder({ 'ask.lua': script });
  const [program = '', ...args] = pinned('others', [
    'wrk',
    '-t1',
    `-c${connections[mode]}`,
    `-d${seconds}s`,
    '--timeout=20s',
    '-s',
    `${path}/ask.lua`,
    url + asked.path,
  ]);
  const { stdout, stderr, status, error } = spawnSync(program, args, { encoding: 'utf8' });
  // Pinned to a core, wrk is started by taskset, which reports a missing program by its status.
  if (error || status === 127) throw new Error("The benchmark needs Debian's wrk (apt-get install wrk).");
  if (status !== 0) throw new Error(`wrk ended with status ${status} for ${url}:\n${stderr}`);
  if (/Non-2xx/.test(stdout)) throw new Error(`${url} does not answer well:\n${stdout}`);
  const [, perSecond] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
  if (perSecond === undefined) throw new Error(`wrk reports no requests for ${url}:\n${stdout}`);
  return Number(perSecond);
}

function luaString(value: string): string {
  return `[==[${value}]==]`;
}

/** Each contestant has to give the whole text once before it is measured. */
export async function check({ name }: Contestant, url: string, asked: Asked, mode: Mode): Promise<void> {
  const response = await fetch(url + asked.path, { method: 'POST', headers: asked.headers, body: asked.body });
  const body = await response.text();
  if (mode === 'whole') {
    if (!body.includes(wholeText)) throw new Error(`${name} answers ${body.slice(0, 300)}`);
    return;
  }
  const said = textOf(body);
  if (said !== text) throw new Error(`${name} streams ${said.length} of ${text.length} characters`);
}

/** A burst counts as its number of chunks, even when they are merged. */
export function perSecond(requests: number, mode: Mode): number {
  return mode === 'whole' ? requests : requests * chunkCount;
}
