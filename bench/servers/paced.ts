import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createHistogram } from 'node:perf_hooks';
import { burst, chunk, ending, opening, tokensOf, whole } from '../answers.ts';

/**
 * A provider with a pace. The last message selects the mode, `user` names the call:
 * - "Hello", or any other text: answers at once, whole or streamed
 * - "silent": never answers
 * - "quiet": sends a first piece of content, then nothing
 * - "short": sends a first piece of content, and the end soon after
 * - "paced-50-1500": sends 50 chunks a second, 1500 in all
 */

type Call = {
  readonly messages: readonly { readonly content: string }[];
  readonly stream?: boolean;
  readonly user?: string;
};

const open = new Set<ServerResponse>();
const arrived = new Map<string, () => void>();
/** Calls that arrived before they were asked for. */
const early = new Set<string>();
/** Time at which the connection of each call closed, in microseconds of the clock that all processes share. */
const closed = new Map<string, number>();

type Talk = { readonly response: ServerResponse; readonly everyMs: number; dueAt: number; left: number; total: number };
const talks = new Set<Talk>();
/** How late chunks were sent, in microseconds. */
const lateness = createHistogram();

/**
 * One timer for all streams, and each chunk a prepared buffer that is written directly to the socket: a thousand streams cost
 * this program less than their reader.
 */
setInterval(() => {
  const now = performance.now();
  for (const talk of talks) {
    while (talk.dueAt <= now && talk.left > 0) {
      lateness.record(Math.max(1, Math.round((now - talk.dueAt) * 1000)));
      talk.response.socket?.write(frameOf(talk.total - talk.left));
      talk.left -= 1;
      talk.dueAt += talk.everyMs;
    }
    if (talk.left > 0) continue;
    talks.delete(talk);
    talk.response.end(ending);
  }
}, 1);

const frames = tokensOf(1000).map((content) => framed(chunk({ content })));
const frameOf = (index: number) => frames[index % frames.length] ?? frames[0] ?? '';

/** One HTTP/1.1 chunk, as Node writes it. */
function framed(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) body += piece;
  const { messages, stream = false, user = '' } = JSON.parse(body) as Call;
  const way = messages.at(-1)?.content ?? '';
  open.add(response);
  response.once('close', () => {
    open.delete(response);
    if (user) closed.set(user, microseconds());
  });
  const tellArrival = arrived.get(user);
  if (tellArrival) tellArrival();
  else if (user) early.add(user);
  if (way === 'silent') return;
  if (!stream) return void response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const [isPaced, perSecond = 1, total = 1] = /^paced-(\d+)-(\d+)$/.exec(way)?.map(Number) ?? [];
  if (isPaced !== undefined) return pace(response, 1000 / perSecond, total);
  if (way !== 'quiet' && way !== 'short') return void response.end(burst);
  response.write(opening + chunk({ content: '.' }));
  if (way === 'short') setTimeout(() => response.end(ending), 2);
}

function pace(response: ServerResponse, everyMs: number, total: number): void {
  response.write(opening);
  // Spread out: streams that begin together would stay together.
  const talk = { response, everyMs, dueAt: performance.now() + everyMs * Math.random(), left: total, total };
  talks.add(talk);
  response.once('close', () => talks.delete(talk));
}

/** Control requests of the benchmark. */
async function tell(path: string, response: ServerResponse): Promise<void> {
  const [, question, user = ''] = path.split('/');
  switch (question) {
    case 'open':
      return void response.end(String(open.size));
    case 'lateness':
      response.end(String(lateness.percentile(99) / 1000));
      return lateness.reset();
    case 'closed':
      response.end(JSON.stringify([...closed]));
      early.clear();
      return closed.clear();
    case 'arrival':
      // Waits for it.
      if (!early.delete(user)) await new Promise<void>((resolve) => arrived.set(user, resolve));
      arrived.delete(user);
  }
  response.end('ready');
}

function microseconds(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

createServer((request, response) => {
  if (request.method === 'GET') return void tell(request.url ?? '', response);
  // A client that disconnects during the query is ignored.
  answer(request, response).catch(() => response.destroy());
}).listen(Number(process.argv[2]), '127.0.0.1', 8192, () => console.log('ready'));
