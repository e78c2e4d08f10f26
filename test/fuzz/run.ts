import { once } from 'node:events';
import { goodSteps, key as providerKey } from '../faults/catalogue.ts';
import { inside } from '../faults/verdict.ts';
import { wires } from '../faults/wires.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { forgetful } from '../support/gateway.ts';
import { startGateway } from '../support/gateway-process.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';
import { openSocket } from '../support/raw-http.ts';
import { graphQLRequest, restRequestOf, toRequest } from './chat-requests.ts';
import { roughRequest } from './malformed-request.ts';
import { roughStream, roughWhole, wireOf } from './provider-bodies.ts';
import { createDice, type Dice } from './random.ts';

/**
 * Cases generated from a seed and a number, sent to the real gateway over raw sockets: requests at the levels of HTTP, GraphQL
 * and REST, and provider answers at those of server-sent events and JSON.
 */

export const levels = ['HTTP', 'GraphQL', 'REST', 'SSE', 'JSON'] as const;
export type Level = (typeof levels)[number];

export type Failure = {
  readonly number: number;
  readonly level: Level;
  readonly what: string;
  readonly sent: string;
  readonly answer: string;
};

export type Fuzzed = {
  readonly failures: readonly Failure[];
  /** Counts of results per level. */
  readonly outcomes: ReadonlyMap<string, number>;
};

export type FuzzOptions = { readonly seed: number; readonly numbers: Iterable<number> };

/** Longer than any limit of the gateway here. */
const hangMs = 10_000;
const concurrency = 32;
const web = callerKey('web');

const settings = `server: { cors: ["https://app.example"], hosts: [localhost] }
timeouts: { connectMs: 2000, headersMs: 2000, responseMs: 2000, firstContentMs: 2000, idleMs: 2000, totalMs: 4000 }
${forgetful}${callersYaml(web)}`;

/** A prime: neighbouring seeds share no cases. */
const casesOf = (seed: number, number: number) => createDice(seed * 1_000_003 + number);

export async function fuzz({ seed, numbers }: FuzzOptions): Promise<Fuzzed> {
  const provider = await startFaultServer(({ model, isStream }) => {
    const [, number] = /^rough-(\d+)$/.exec(model) ?? [];
    if (number === undefined) return goodSteps(wires[0] ?? noWire(), isStream ? 'before' : 'whole');
    const dice = casesOf(seed, Number(number));
    const wire = wireOf(dice);
    return isStream ? roughStream(wire, dice) : roughWhole(wire, dice);
  });
  const env = wires.flatMap(({ provider: name }) => [
    [`${name.toUpperCase()}_API_KEY`, providerKey],
    [`${name.toUpperCase()}_BASE_URL`, provider.url],
  ]);
  const gateway = await startGateway({ yaml: settings, env: { ...Object.fromEntries(env), LOG_LEVEL: 'error' } });
  const greeting = gateway.output().length;
  const failures: Failure[] = [];
  const outcomes = new Map<string, number>();
  const queue = numbers[Symbol.iterator]();
  const work = async () => {
    for (const number of { [Symbol.iterator]: () => ({ next: () => queue.next() }) }) {
      const level = levels[number % levels.length] ?? 'HTTP';
      const sent = requestOf(level, casesOf(seed, number), number);
      const answer = await exchange(gateway.url, sent, level === 'HTTP');
      const { what, outcome } = judge(level, answer);
      const name = `${level} ${outcome}`;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      if (what !== undefined) failures.push({ number, level, what, sent: sent.toString('latin1'), answer });
      if (gateway.child.exitCode !== null) throw new Error(`The gateway ended at case ${number}: ${gateway.output()}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  await provider.allClosed();
  const stopped = await gateway.stop();
  await provider[Symbol.asyncDispose]();
  const said = gateway.output().slice(greeting);
  if (said !== '' || stopped !== 0) {
    failures.push({
      number: -1,
      level: 'HTTP',
      what: `the gateway ended with ${stopped} and said`,
      sent: '',
      answer: said,
    });
  }
  return { failures, outcomes };
}

function noWire(): never {
  throw new Error('There are wires');
}

function requestOf(level: Level, dice: Dice, number: number): Buffer {
  switch (level) {
    case 'HTTP':
      return roughRequest(dice, web.key);
    case 'GraphQL':
      return graphQLRequest(dice, web.key);
    case 'REST':
      return restRequestOf(dice, web.key);
    case 'SSE':
    case 'JSON': {
      // The server uses the same random sequence, and so knows the requested wire.
      const model = `${wireOf(dice).provider}/rough-${number}`;
      const isStream = level === 'SSE';
      if (number % 2 === 0) {
        const messages = [{ role: 'user', content: 'Hello' }];
        return toRequest('/v1/chat/completions', { model, stream: isStream, messages }, web.key, '*/*');
      }
      const input = { model, messages: [{ role: 'USER', content: 'Hello' }] };
      const query = isStream ? wholeStream : wholeChat;
      const accept = isStream ? 'text/event-stream' : 'application/json';
      return toRequest('/graphql', { query, variables: { input } }, web.key, accept);
    }
  }
}

/** Sends it, and half-closes where an incomplete request should end at once. */
async function exchange(url: string, bytes: Buffer, hangsUp: boolean): Promise<string> {
  const socket = openSocket(url);
  let text = '';
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
  });
  const giveUp = () => {
    if (socket.closed) return;
    text = 'hang';
    socket.removeAllListeners('data').destroy();
  };
  // After a pause of the whole machine a timer is late: received data is read first.
  const hung = setTimeout(() => setImmediate(giveUp), hangMs);
  socket.once('connect', () => (hangsUp ? socket.end(bytes) : socket.write(bytes)));
  await once(socket, 'close').catch(() => {});
  clearTimeout(hung);
  return text;
}

/** The defect of an answer, if any, and its result in a word. */
function judge(level: Level, answer: string): { readonly what?: string; readonly outcome: string } {
  if (answer === 'hang') return { what: 'a hang', outcome: 'hang' };
  // "100 Continue" may precede the answer.
  const [, status] = /^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
  if (status === undefined) {
    if (answer === '' && level === 'HTTP') return { outcome: 'nothing' };
    return { what: answer === '' ? 'no answer' : 'no HTTP', outcome: 'no HTTP' };
  }
  const code = codeIn(answer);
  const outcome = `${status} ${code}`.trim();
  const leak = inside.exec(answer)?.[0] ?? (answer.includes(web.key) ? 'the key of the caller' : undefined);
  if (leak !== undefined) return { what: `a word of the inside: ${leak}`, outcome };
  if (code === 'INTERNAL' || (status.startsWith('5') && code === '')) return { what: 'an internal error', outcome };
  const what = level === 'HTTP' ? undefined : disorderIn(answer);
  return { ...(what !== undefined && { what }), outcome };
}

function codeIn(answer: string): string {
  const codes = [...answer.matchAll(/"code":"([A-Z_]+)"/g)].map(([, code]) => code ?? '');
  return codes.includes('INTERNAL') ? 'INTERNAL' : (codes.at(-1) ?? '');
}

/** The defect of a stream: it needs one start and one terminal event. */
function disorderIn(answer: string): string | undefined {
  if (!/\r\ncontent-type: text\/event-stream/i.test(answer)) return undefined;
  if (!answer.includes('event: complete')) {
    const ends = answer.match(/data: \[DONE\]\n\n/g)?.length ?? 0;
    return ends === 1 ? undefined : `${ends} ends of a stream`;
  }
  const types = [...answer.matchAll(/"chatStream":\{"__typename":"(\w+)"/g)].map(([, type]) => type);
  // A refused document has no events.
  if (types.length === 0 && answer.includes('"errors":[')) return undefined;
  const ends = types.filter((type) => type === 'CompletionFinished' || type === 'CompletionFailed').length;
  const starts = types.filter((type) => type === 'CompletionStarted').length;
  const isInOrder = types[0] === (types.length === 1 ? 'CompletionFailed' : 'CompletionStarted');
  return ends === 1 && starts <= 1 && isInOrder ? undefined : `a stream of ${types.join(', ')}`;
}
