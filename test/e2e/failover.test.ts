import { describe, expect, it } from 'vitest';
import {
  type FaultName,
  type FaultRequest,
  type FaultServer,
  faults,
  startFaultServer,
} from '../support/fault-server.ts';
import { openGateway } from '../support/gateway.ts';
import { chat, query, type StreamEvent, streamed } from '../support/graphql-client.ts';

/** The whole gateway over real sockets, with provider failures that no HTTP server can imitate. */

/** A target's replies to one key, request by request; the last one repeats. */
type Behaviour = FaultName | readonly FaultName[];

type Case = {
  readonly title: string;
  /** By target and key: { a: { k1: ... } }. "accept reset" happens before the request is read. */
  readonly script: Readonly<Record<string, Readonly<Record<string, Behaviour>> | 'refused' | 'reset on accept'>>;
  readonly attempts: readonly string[];
  /** The last event, and the text before it. */
  readonly end: string;
  readonly text?: string;
  /** Connections that reached each target. */
  readonly connections: Readonly<Record<string, number>>;
};

const hello = [{ role: 'USER', content: 'Hello' }];

const patience = `timeouts: { connectMs: 300, headersMs: 400, responseMs: 600, firstContentMs: 500, idleMs: 300, keepAliveOnlyMs: 700, totalMs: 3000 }
retries: { max: 1, baseMs: 20, maxMs: 40, maxRetryAfterMs: 1000 }
`;

const cases: readonly Case[] = [
  {
    title: 'nobody listens',
    script: { a: 'refused', b: { k1: 'answer' } },
    attempts: ['a#1 UPSTREAM_UNREACHABLE', 'b#1 OK 200'],
    end: 'CompletionFinished',
    text: 'Hello!',
    connections: { b: 1 },
  },
  {
    title: 'the connection is reset as soon as it is there',
    script: { a: 'reset on accept', b: { k1: 'answer' } },
    attempts: ['a#1 UPSTREAM_UNREACHABLE', 'b#1 OK 200'],
    end: 'CompletionFinished',
    text: 'Hello!',
    connections: { a: 1, b: 1 },
  },
  ...(
    [
      ['reset', 'UPSTREAM_UNREACHABLE'],
      ['close', 'UPSTREAM_UNREACHABLE'],
      ['no HTTP', 'UPSTREAM_MALFORMED'],
      ['no head', 'UPSTREAM_TIMEOUT'],
      ['late head', 'UPSTREAM_TIMEOUT'],
      ['head byte by byte', 'UPSTREAM_TIMEOUT'],
      ['no content', 'UPSTREAM_TIMEOUT', 200],
      ['only pings', 'UPSTREAM_TIMEOUT', 200],
      ['error event first', 'UPSTREAM_OVERLOADED', 503],
      ['status 500', 'UPSTREAM_ERROR', 500],
      ['status 529', 'UPSTREAM_OVERLOADED', 529],
    ] as const
  ).map(
    ([fault, code, status]): Case => ({
      title: `"${fault}" before the first content is another target's to answer`,
      script: { a: { k1: fault, k2: 'answer' }, b: { k1: 'answer' } },
      attempts: [status === undefined || status === 200 ? `a#1 ${code}` : `a#1 ${code} ${status}`, 'b#1 OK 200'],
      end: 'CompletionFinished',
      text: 'Hello!',
      connections: { a: 1, b: 1 },
    }),
  ),
  ...(
    [
      ['stall after two pieces', 'UPSTREAM_TIMEOUT'],
      ['reset after two pieces', 'UPSTREAM_UNREACHABLE'],
      ['end after two pieces', 'UPSTREAM_TRUNCATED'],
      ['error event after two pieces', 'UPSTREAM_ERROR'],
    ] as const
  ).map(
    ([fault, code]): Case => ({
      title: `"${fault}" after the first content ends the stream, and nobody else is asked`,
      script: { a: { k1: fault }, b: { k1: 'answer' } },
      attempts: [`a#1 ${code} 200`],
      end: `CompletionFailed ${code}`,
      text: 'Hello',
      connections: { a: 1 },
    }),
  ),
  {
    title: 'a limited key is followed by the next one, and that by the next target',
    script: { a: { k1: 'status 429', k2: 'status 401' }, b: { k1: 'answer' } },
    attempts: ['a#1 UPSTREAM_RATE_LIMITED 429', 'a#2 UPSTREAM_AUTHENTICATION 401', 'b#1 OK 200'],
    end: 'CompletionFinished',
    text: 'Hello!',
    connections: { a: 2, b: 1 },
  },
  {
    title: 'a short limit of the only key is waited for',
    script: { a: { k1: ['status 429 for a moment', 'answer'] } },
    attempts: ['a#1 UPSTREAM_RATE_LIMITED 429', 'a#1 OK 200'],
    end: 'CompletionFinished',
    text: 'Hello!',
    connections: { a: 2 },
  },
  {
    title: "a long one is the caller's to wait for",
    script: { a: { k1: 'status 429' } },
    attempts: ['a#1 UPSTREAM_RATE_LIMITED 429'],
    end: 'CompletionFailed UPSTREAM_RATE_LIMITED',
    text: '',
    connections: { a: 1 },
  },
  {
    title: 'a passing fault of the only target is tried again',
    script: { a: { k1: ['reset', 'answer'] } },
    attempts: ['a#1 UPSTREAM_UNREACHABLE', 'a#1 OK 200'],
    end: 'CompletionFinished',
    text: 'Hello!',
    connections: { a: 2 },
  },
  {
    title: 'a request that is wrong is not tried elsewhere',
    script: { a: { k1: 'status 400', k2: 'answer' }, b: { k1: 'answer' } },
    attempts: ['a#1 UPSTREAM_REJECTED 400'],
    end: 'CompletionFailed UPSTREAM_REJECTED',
    text: '',
    connections: { a: 1 },
  },
];

async function openTargets(script: Case['script'], settings = patience) {
  const opened = new AsyncDisposableStack();
  const servers = new Map<string, FaultServer>();
  const providers: string[] = [];
  const env: Record<string, string> = {};
  for (const [name, does] of Object.entries(script)) {
    const asked = new Map<string, number>();
    const server = await startFaultServer(
      (request) => faults[behaviourOf(does, request, asked)](request),
      () => (does === 'reset on accept' ? ['reset'] : undefined),
    );
    servers.set(name, server);
    if (does === 'refused') await server[Symbol.asyncDispose]();
    else opened.use(server);
    const keys = typeof does === 'string' ? ['k1'] : Object.keys(does);
    env[`KEYS_OF_${name.toUpperCase()}`] = keys.map((key) => `${key}-of-${name}`).join(',');
    providers.push(
      `  ${name}: { kind: openai-compatible, baseUrl: "${server.url}/v1", apiKeyEnv: KEYS_OF_${name.toUpperCase()} }`,
    );
  }
  const gateway = opened.use(await openGateway({ yaml: `${settings}providers:\n${providers.join('\n')}\n`, env }));
  return { gateway, servers, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function behaviourOf(does: Case['script'][string], { key }: FaultRequest, asked: Map<string, number>): FaultName {
  const name = key.split('-')[0] ?? '';
  const behaviour = typeof does === 'string' ? 'answer' : (does[name] ?? 'answer');
  const nth = asked.get(name) ?? 0;
  asked.set(name, nth + 1);
  return [behaviour].flat()[Math.min(nth, [behaviour].flat().length - 1)] ?? 'answer';
}

const inputFor = (script: Case['script']) => {
  const [model, ...fallbacks] = Object.keys(script).map((name) => `${name}/m`);
  return { model, fallbacks, messages: hello };
};

function attemptsOf(event: StreamEvent | undefined): string[] {
  const attempts = (event?.['attempts'] ?? []) as { provider: string; key: string; code: string; status: number }[];
  return attempts.map(({ provider, key, code, status }) =>
    [`${provider}#${key.split('#')[1]}`, code ?? 'OK', status].filter(Boolean).join(' '),
  );
}

describe.concurrent('streamed, when', () => {
  it.each(cases)('$title', async ({ script, attempts, end, text = '', connections }) => {
    await using targets = await openTargets(script);
    const { gateway, servers } = targets;
    const startedAt = performance.now();
    const events = await streamed(gateway.url, inputFor(script));
    const last = events.at(-1);
    expect(attemptsOf(last)).toEqual(attempts);
    expect([last?.__typename, last?.['code']].filter(Boolean).join(' ')).toBe(end);
    expect(events.map((event) => (event.__typename === 'ContentDelta' ? event['text'] : '')).join('')).toBe(text);
    for (const [name, server] of servers) expect([name, server.connections]).toEqual([name, connections[name] ?? 0]);
    expect(performance.now() - startedAt).toBeLessThan(4000);
  });
});

describe.concurrent('whole, when', () => {
  const early = cases.filter(
    ({ script }) => !JSON.stringify(script).match(/pieces|event|content|pings|late head|byte/),
  );
  it.each(early)('$title', async ({ script, attempts, end }) => {
    await using targets = await openTargets(script);
    const answer = await chat(targets.gateway.url, inputFor(script));
    expect(attemptsOf(answer)).toEqual(attempts);
    expect(answer.__typename).toBe(end === 'CompletionFinished' ? 'Completion' : 'ChatFailure');
  });

  it.each(['late head', 'head byte by byte', 'whole answer cut short', 'cut gzip'] as const)(
    '"%s", another target answers',
    async (fault) => {
      const script = { a: { k1: fault }, b: { k1: 'answer' } } as const;
      await using targets = await openTargets(script);
      const answer = await chat(targets.gateway.url, inputFor(script));
      expect(answer).toMatchObject({ __typename: 'Completion', provider: 'b', text: 'Hello!' });
    },
  );
});

describe('a target whose connections are all busy', () => {
  it('is skipped when none gets free in time, and its queued call is not sent later', async () => {
    const script = { a: { k1: ['no content', 'answer'] }, b: { k1: 'answer' } } as const;
    await using targets = await openTargets(
      script,
      `connections: { perOrigin: 1 }
timeouts: { connectMs: 800, headersMs: 8000, firstContentMs: 3000, idleMs: 8000 }
retries: { max: 1, baseMs: 20 }
`,
    );
    const { gateway, servers } = targets;
    const first = streamed(gateway.url, { model: 'a/m', messages: hello, requestId: 'first' });
    while (servers.get('a')?.requests.length !== 1) await new Promise(setImmediate);
    const second = await streamed(gateway.url, inputFor(script));
    expect(attemptsOf(second.at(-1))).toEqual(['a#1 UPSTREAM_TIMEOUT', 'b#1 OK 200']);
    expect(attemptsOf((await first).at(-1))).toEqual(['a#1 UPSTREAM_TIMEOUT', 'a#1 OK 200']);
    expect(servers.get('a')?.requests).toHaveLength(2);
  });
});

describe('the status of a provider', () => {
  const asks = '{ providers { id status availableAt } }';

  it('is COOLING_DOWN while its only key cools down, with the time of its end', async () => {
    await using targets = await openTargets({ a: { k1: 'status 429' } });
    const before = Date.now();
    await chat(targets.gateway.url, inputFor({ a: 'refused' }));
    const { data } = await query(targets.gateway.url, asks);
    const a = Object(data)['providers'].find(({ id }: { id: string }) => id === 'a');
    expect(a.status).toBe('COOLING_DOWN');
    // The provider said 30 seconds.
    expect(Math.abs(Date.parse(a.availableAt) - before - 30_000)).toBeLessThan(3000);
  });

  it('is OPEN after consecutive failures, and no request is sent', async () => {
    await using targets = await openTargets({ a: { k1: 'status 500' } }, 'retries: { max: 0 }\n');
    const input = inputFor({ a: 'refused' });
    for (let call = 0; call < 5; call++) await chat(targets.gateway.url, input);
    const { data } = await query(targets.gateway.url, asks);
    expect(Object(data)['providers']).toContainEqual({ id: 'a', status: 'OPEN', availableAt: expect.any(String) });
    expect(await chat(targets.gateway.url, input)).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      retryable: true,
      attempts: [{ code: 'UPSTREAM_UNAVAILABLE', status: null }],
    });
    expect(targets.servers.get('a')?.requests).toHaveLength(5);
  });
});

describe('keys', () => {
  it('are in no attempt, no log line and not in `providers`', async () => {
    await using targets = await openTargets({ a: { k1: 'status 429', k2: 'status 401', k3: 'answer' } });
    const answer = await chat(targets.gateway.url, inputFor({ a: 'refused' }));
    const { data } = await query(
      targets.gateway.url,
      '{ providers { id status availableAt keys { name cooldowns { model status availableAt code } } } }',
    );
    const told = JSON.stringify([answer, targets.gateway.log, data]);
    expect(told).toContain('"a#1"');
    expect(told).toContain('"a#2"');
    expect(told).not.toMatch(/k\d-of-a/);
    const a = Object(data)['providers'].find(({ id }: { id: string }) => id === 'a');
    expect(a).toMatchObject({
      status: 'READY',
      availableAt: null,
      keys: [
        { name: 'a#1', cooldowns: [{ model: 'm', status: 'COOLING_DOWN', code: 'UPSTREAM_RATE_LIMITED' }] },
        { name: 'a#2', cooldowns: [{ model: null, status: 'COOLING_DOWN', code: 'UPSTREAM_AUTHENTICATION' }] },
        { name: 'a#3', cooldowns: [] },
      ],
    });
  });
});
