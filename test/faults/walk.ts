import { failureCodes } from '../../src/core/errors.ts';
import { startFaultServer } from '../support/fault-server.ts';
import { startGateway } from '../support/gateway-process.ts';
import { chat, type StreamEvent, streamed } from '../support/graphql-client.ts';
import { complete, completeStream, type Json } from '../support/rest-client.ts';
import { answer, catalogue, type Fault, goodSteps, type Place } from './catalogue.ts';
import { type Wire, wires } from './wires.ts';

/** How often it goes wrong, and whether somebody else is there to be asked. */
export const ways = ['always', 'first', 'fallback'] as const;
export const faces = ['GraphQL', 'REST'] as const;
export type Way = (typeof ways)[number];
export type Face = (typeof faces)[number];

export type Case = {
  readonly fault: Fault;
  readonly wire: Wire;
  readonly place: Place;
  readonly way: Way;
  readonly face: Face;
};

/** What became of a call, in one word and the code of its failure. */
export type Seen = { readonly kind: Kind; readonly code?: string; readonly retryable?: boolean };
type Kind = 'OK' | 'OK_AFTER_RETRY' | 'FAILED_OVER' | 'TYPED_ERROR' | 'TERMINAL_EVENT' | 'WRONG';

export type Result = Case & {
  readonly expected: string;
  readonly seen: string;
  readonly isRight: boolean;
  readonly ms: number;
};

/** No call may last longer than this. */
export const deadlineMs = 4_000;

const settings = `timeouts: { connectMs: 500, headersMs: 400, answerMs: 600, firstContentMs: 900, silenceMs: 400, pingsMs: 800, totalMs: ${deadlineMs - 1000} }
retries: { max: 1, baseMs: 10, budget: { burst: 10000, share: 1 } }
coolDowns: { rateLimitMs: 0, authenticationMs: 0, billingMs: 0 }
breaker: { failures: 1000 }
`;

export function allCases(): Case[] {
  return catalogue.flatMap((fault) =>
    wires.flatMap((wire) =>
      fault.places.flatMap((place) =>
        ways.flatMap((way) => faces.map((face): Case => ({ fault, wire, place, way, face }))),
      ),
    ),
  );
}

/** Sends each case through the real gateway, so many at a time, and tells what became of it. */
export async function walk(
  cases: readonly Case[],
  concurrency: number,
  onResult: (result: Result) => void = () => {},
): Promise<{ readonly results: readonly Result[]; readonly output: string }> {
  const asked = new Map<string, number>();
  const server = await startFaultServer(({ model }) => {
    const [name = '', place = 'whole', ...rest] = model.split('_') as [string, Place, ...string[]];
    const wire = wires.find(({ provider }) => provider === rest[0]) ?? wires[0];
    const nth = asked.get(model) ?? 0;
    asked.set(model, nth + 1);
    const fault = catalogue[Number(name.slice(1))];
    if (!wire) throw new Error('There are wires');
    return fault && (rest[1] !== 'first' || nth === 0) ? fault.steps(wire, place) : goodSteps(wire, place);
  });
  const gateway = await startGateway({
    yaml: settings,
    env: {
      ...Object.fromEntries(
        wires.flatMap(({ provider }) => [
          [`${provider.toUpperCase()}_API_KEY`, 'sk-canary-of-the-provider'],
          [`${provider.toUpperCase()}_BASE_URL`, server.url],
        ]),
      ),
      LOG_LEVEL: 'warn',
    },
  });
  const results: Result[] = [];
  const queue = cases.entries();
  const work = async () => {
    for (const [index, one] of queue) {
      const result = await run(one, index, gateway.url);
      results.push(result);
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  await server.allClosed();
  await gateway.stop();
  await server[Symbol.asyncDispose]();
  return { results, output: gateway.output() };
}

async function run(one: Case, index: number, url: string): Promise<Result> {
  const { fault, wire, place, way } = one;
  const name = (head: string) => `${wire.provider}/${[head, place, wire.provider, way, index].join('_')}`;
  const model = name(`f${catalogue.indexOf(fault)}`);
  const fallbacks = way === 'fallback' ? [name('good')] : [];
  const startedAt = performance.now();
  const seen = await ask(one, url, { model, fallbacks }).catch(
    (thrown: Error): Seen => ({ kind: 'WRONG', code: thrown.message }),
  );
  const ms = performance.now() - startedAt;
  const expected = expectedOf(one);
  const isRight =
    ms < deadlineMs &&
    seen.kind === expected.kind &&
    (expected.codes === undefined ||
      (expected.codes.includes(seen.code ?? '') && seen.retryable === expected.retryable));
  return {
    ...one,
    ms,
    isRight,
    seen: [seen.kind, seen.code].filter(Boolean).join(' '),
    expected: [expected.kind, expected.codes?.join('|')].filter(Boolean).join(' '),
  };
}

type Expected = { readonly kind: Kind; readonly codes?: readonly string[]; readonly retryable?: boolean };

function expectedOf({ fault, wire, place, way }: Case): Expected {
  const outcome = fault.outcome(place, wire);
  if (outcome === 'OK') return { kind: 'OK' };
  if (place === 'after') return { kind: 'TERMINAL_EVENT', ...outcome };
  const mayFailOver = outcome.codes.some((code) => failureCodes[code as keyof typeof failureCodes].recovery !== 'none');
  if (way === 'fallback' && mayFailOver) return { kind: 'FAILED_OVER' };
  if (way === 'first' && outcome.retryable) return { kind: 'OK_AFTER_RETRY' };
  return { kind: 'TYPED_ERROR', ...outcome };
}

type Named = { readonly model: string; readonly fallbacks: readonly string[] };

async function ask({ place, face }: Case, url: string, named: Named): Promise<Seen> {
  if (face === 'REST') return askRest(place, url, named);
  const input = { ...named, messages: [{ role: 'USER', content: 'Hello' }] };
  if (place === 'whole') {
    const told = await chat(url, input);
    return judge(told.__typename === 'Completion', String(told['text'] ?? ''), told);
  }
  const events = await streamed(url, input);
  const ends = events.filter(({ __typename }) => /^Completion(Finished|Failed)$/.test(__typename));
  const last = events.at(-1);
  if (ends.length !== 1 || !last || ends[0] !== last) return { kind: 'WRONG', code: `${ends.length} ends` };
  const text = events.map((event) => event['text'] ?? '').join('');
  return judge(last.__typename === 'CompletionFinished', text, last);
}

type Told = Pick<StreamEvent, string>;

function judge(isComplete: boolean, text: string, told: Told): Seen {
  const attempts = told['attempts'] as readonly { readonly model: string }[];
  if (!isComplete) {
    const failure = { code: String(told['code']), retryable: told['retryable'] === true };
    return { kind: text === '' ? 'TYPED_ERROR' : 'TERMINAL_EVENT', ...failure };
  }
  if (text !== answer) return { kind: 'WRONG', code: `an answer that says ${JSON.stringify(text)}` };
  if (attempts.length === 1) return { kind: 'OK' };
  return { kind: attempts[0]?.model === attempts.at(-1)?.model ? 'OK_AFTER_RETRY' : 'FAILED_OVER' };
}

async function askRest(place: Place, url: string, named: Named): Promise<Seen> {
  const request = { ...named, messages: [{ role: 'user', content: 'Hello' }] };
  if (place === 'whole') {
    const { status, body } = await complete(url, request);
    const choice = (body['choices'] as readonly { message: { content: string } }[] | undefined)?.[0];
    return judge(status === 200, choice?.message.content ?? '', tellRest(body));
  }
  const { chunks } = await completeStream(url, request);
  const choices = chunks.flatMap((chunk) => (chunk['choices'] ?? []) as readonly Json[]);
  const text = choices.map(({ delta }) => (delta as Json)['content'] ?? '').join('');
  const finishes = choices.filter(({ finish_reason }) => finish_reason !== null);
  const errors = chunks.filter((chunk) => 'error' in chunk);
  if (finishes.length + errors.length !== 1)
    return { kind: 'WRONG', code: `${finishes.length} ends, ${errors.length} errors` };
  return judge(
    errors.length === 0,
    text,
    tellRest(chunks.find((chunk) => 'error' in chunk || 'x_parley' in chunk) ?? {}),
  );
}

function tellRest(body: Json): Told {
  const error = (body['error'] ?? {}) as Json;
  const extras = (body['x_parley'] ?? error['x_parley'] ?? {}) as Json;
  return { code: error['code'], retryable: extras['retryable'], attempts: extras['attempts'] ?? [] };
}
