import { startFaultServer } from '../support/fault-server.ts';
import { startGateway } from '../support/gateway-process.ts';
import { type Addresses, domain, type Led, openAddresses, type Scheme } from './addresses.ts';
import { ask, type Face, faces } from './ask.ts';
import { catalogue, goodSteps, key } from './catalogue.ts';
import type { Fault, Place } from './fault.ts';
import { expectedOf, isRight, type Seen, seenIn, type Way, ways } from './verdict.ts';
import { type Wire, wires } from './wires.ts';

export type Case = {
  readonly fault: Fault;
  readonly wire: Wire;
  readonly place: Place;
  readonly way: Way;
  readonly face: Face;
};

export type Result = Case & {
  readonly expected: string;
  readonly seen: string;
  readonly isRight: boolean;
  readonly ms: number;
};

export type Walked = {
  readonly results: readonly Result[];
  /** What the gateways wrote to their terminals. */
  readonly output: string;
};

/** Upper limit for a call, with room for a busy machine: a late result here is not a provider's fault. */
export const deadlineMs = 6_000;

const settings = `timeouts: { connectMs: 500, headersMs: 1200, responseMs: 2000, firstContentMs: 2000, idleMs: 1600, keepAliveOnlyMs: 2400, totalMs: ${deadlineMs - 1500} }
retries: { max: 1, baseMs: 10, budget: { burst: 10000, ratio: 1 } }
cooldowns: { rateLimitMs: 0, authenticationMs: 0, billingMs: 0 }
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

/** Sends each case through the real gateway, the given number at a time, and returns the results. */
export async function walk(cases: readonly Case[], concurrency: number): Promise<Walked> {
  const upstream = await startUpstream();
  try {
    const answers = cases.filter(({ fault }) => 'steps' in fault);
    const connections = cases.filter(({ fault }) => 'leadsTo' in fault);
    const walked = [
      await walkAnswers(answers, concurrency, upstream),
      ...(await walkConnections(connections, upstream)),
    ];
    return {
      results: walked.flatMap(({ results }) => results),
      output: walked.map(({ output }) => output).join(''),
    };
  } finally {
    await upstream[Symbol.asyncDispose]();
  }
}

type Upstream = Awaited<ReturnType<typeof startUpstream>>;

/** A provider of each family. The model's name selects the behaviour. */
async function startUpstream() {
  const asked = new Map<string, number>();
  const server = await startFaultServer(({ model }) => {
    const [name = '', place = 'whole', provider, way] = model.split('_') as [string, Place, string, Way];
    const wire = wires.find((known) => known.provider === provider) ?? wires[0];
    const nth = asked.get(model) ?? 0;
    asked.set(model, nth + 1);
    const fault = catalogue[Number(name.slice(1))];
    if (!wire) throw new Error('There are wires');
    const isDue = fault && 'steps' in fault && (way !== 'first' || nth === 0);
    return isDue ? fault.steps(wire, place) : goodSteps(wire, place);
  });
  return Object.assign(server, { timesAsked: (model: string) => asked.get(model) ?? 0 });
}

/** All families at one address. */
function environment(baseUrl: (wire: Wire) => string): Record<string, string> {
  const each = wires.flatMap((wire) => {
    const name = wire.provider.toUpperCase();
    return [
      [`${name}_API_KEY`, key],
      [`${name}_BASE_URL`, baseUrl(wire)],
    ];
  });
  return { ...Object.fromEntries(each), LOG_LEVEL: 'warn' };
}

async function walkAnswers(cases: readonly Case[], concurrency: number, upstream: Upstream): Promise<Walked> {
  if (cases.length === 0) return { results: [], output: '' };
  const gateway = await startGateway({ yaml: settings, env: environment(() => upstream.url) });
  const results: Result[] = [];
  const queue = spread(cases).entries();
  const work = async () => {
    for (const [index, one] of queue) {
      const { fault, wire, place, way } = one;
      const nameOf = (head: string) => [head, place, wire.provider, way, index].join('_');
      const [model, fallback] = [nameOf(`f${catalogue.indexOf(fault)}`), nameOf('good')];
      const asked = {
        model: `${wire.provider}/${model}`,
        fallbacks: way === 'fallback' ? [`${wire.provider}/${fallback}`] : [],
      };
      const generations = () => upstream.timesAsked(model) + upstream.timesAsked(fallback);
      results.push(await run(one, gateway.url, asked, generations));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  await upstream.allClosed();
  await gateway.stop();
  return { results, output: gateway.output() };
}

/** Heavy cases are neighbours in the list, and would run at the same time. */
function spread<T>(cases: readonly T[]): T[] {
  const step = 37;
  return Array.from({ length: step }, (_, first) => cases.filter((_case, index) => index % step === first)).flat();
}

type LookUp = { readonly next: () => Led; count: number };

const hostOf = ({ provider }: Wire, scheme: Scheme) => `${provider}.${scheme}${domain}`;

async function walkConnections(cases: readonly Case[], upstream: Upstream): Promise<readonly Walked[]> {
  if (cases.length === 0) return [];
  const schemes = ['http', 'https'] as const;
  const lookUps = new Map<string, LookUp>();
  const names = schemes.flatMap((scheme) => wires.map((wire) => hostOf(wire, scheme)));
  await using addresses = await openAddresses(upstream.port, names, (name) => {
    const ofName = lookUps.get(name);
    if (!ofName) throw new Error(`Nobody asks for ${name}`);
    ofName.count += 1;
    return ofName.next();
  });
  const inUse = schemes.filter((scheme) => cases.some(({ fault }) => 'leadsTo' in fault && fault.scheme === scheme));
  return await Promise.all(inUse.map((scheme) => walkScheme(cases, scheme, upstream, addresses, lookUps)));
}

/** One at a time per family: a name server sees only the name. The fallback is at another address. */
async function walkScheme(
  cases: readonly Case[],
  scheme: Scheme,
  upstream: Upstream,
  addresses: Addresses,
  lookUps: Map<string, LookUp>,
): Promise<Walked> {
  const gateway = await startGateway({
    yaml: `${settings}providers: { elsewhere: { kind: openai-compatible, baseUrl: "${upstream.url}" } }\n`,
    env: {
      ...environment((wire) => `${scheme}://${hostOf(wire, scheme)}:${addresses.ports[scheme]}`),
      ...addresses.env,
    },
  });
  const results: Result[] = [];
  await Promise.all(
    wires.map(async (wire) => {
      for (const [index, one] of cases.filter((each) => each.wire === wire).entries()) {
        const { fault, place, way } = one;
        if (!('leadsTo' in fault) || fault.scheme !== scheme) continue;
        const lookUp: LookUp = {
          count: 0,
          next: () => ({ scheme, address: way === 'first' && lookUp.count > 1 ? 'good' : fault.leadsTo }),
        };
        lookUps.set(hostOf(wire, scheme), lookUp);
        const fallback = ['good', place, 'openai', 'fallback', scheme, wire.provider, index].join('_');
        const asked = {
          model: `${wire.provider}/${['good', place, wire.provider, way, index].join('_')}`,
          fallbacks: way === 'fallback' ? [`elsewhere/${fallback}`] : [],
        };
        results.push(await run(one, gateway.url, asked, () => lookUp.count + upstream.timesAsked(fallback)));
      }
    }),
  );
  await upstream.allClosed();
  await gateway.stop();
  return { results, output: gateway.output() };
}

async function run(
  one: Case,
  url: string,
  asked: { readonly model: string; readonly fallbacks: readonly string[] },
  generations: () => number,
): Promise<Result> {
  const { fault, wire, place, way, face } = one;
  const startedAt = performance.now();
  const seen = await ask(face, place, url, asked).then(
    (told) => seenIn(told, fault, generations()),
    (thrown: Error): Seen => ({ kind: 'WRONG', code: thrown.message }),
  );
  const ms = performance.now() - startedAt;
  const expected = expectedOf(fault, wire, place, way);
  return {
    ...one,
    ms,
    isRight: ms < deadlineMs && isRight(seen, expected),
    seen: [seen.kind, seen.code].filter(Boolean).join(' '),
    expected: [expected.kind, expected.codes?.join('|')].filter(Boolean).join(' '),
  };
}
