import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider } from '../support/gateway.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

/** A disconnect ends the cost: the connection to the provider closes with the client's. */

let provider: ProviderServer;
let gateway: GatewayProcess;

beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    // "silent" never answers, "headers" sends headers only, "endless" streams until it is cancelled.
    if (body['model'] === 'silent') return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    if (body['model'] === 'headers') return;
    const delta = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
    const talk = setInterval(() => response.write(delta), 20);
    response.once('close', () => clearInterval(talk));
  });
  gateway = await startGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await gateway.stop();
  await provider.close();
});

type Moment = {
  readonly model: 'silent' | 'headers' | 'endless';
  readonly whole: boolean;
  readonly events: number;
  readonly face?: Face;
};
const faceNames = ['GraphQL', 'REST', 'Messages', 'Responses'] as const;
type Face = (typeof faceNames)[number];

/** URL, body and event prefix of each face. */
const faces: Readonly<Record<Face, (asked: Moment, user: string) => { path: string; body: object; before: string }>> = {
  GraphQL: ({ model, whole }, user) => {
    const input = { model: `local/${model}`, messages: [{ role: 'USER', content: 'Hello' }], user };
    const body = { query: whole ? wholeChat : wholeStream, variables: { input } };
    return { path: '/graphql', body, before: 'event: next' };
  },
  REST: ({ model, whole }, user) => ({
    path: '/v1/chat/completions',
    body: { model: `local/${model}`, messages: [{ role: 'user', content: 'Hello' }], user, stream: !whole },
    before: 'data: ',
  }),
  Messages: ({ model, whole }, user) => ({
    path: '/v1/messages',
    body: {
      ...{ model: `local/${model}`, max_tokens: 1_000, messages: [{ role: 'user', content: 'Hello' }] },
      ...{ metadata: { user_id: user }, stream: !whole },
    },
    before: 'event: ',
  }),
  Responses: ({ model, whole }, user) => ({
    path: '/v1/responses',
    body: { model: `local/${model}`, input: 'Hello', user, stream: !whole },
    before: 'event: ',
  }),
};

/** Sends the request and waits for the given moment. The result disconnects, and returns how long the provider's connection outlived the client's. */
async function askUntil(moment: Moment): Promise<() => Promise<number>> {
  const { model, whole, events, face = 'GraphQL' } = moment;
  const marker = `${model}-${Math.random()}`;
  const { path, body, before } = faces[face](moment, marker);
  const { hostname, port } = new URL(gateway.url);
  const asking = httpRequest({
    hostname,
    port,
    path,
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: whole ? 'application/json' : 'text/event-stream' },
  });
  asking.on('error', () => {});
  asking.end(JSON.stringify(body));
  if (events > 0) {
    const [response] = await once(asking, 'response');
    let seen = 0;
    while (seen < events) {
      const [piece] = await once(response, 'data');
      seen += piece.toString().split(before).length - 1;
    }
    response.on('error', () => {}).resume();
  }
  const reached = () => provider.requests.find((request) => request.body['user'] === marker);
  while (!reached()) await provider.received(provider.requests.length + 1);
  return async () => {
    const left = performance.now();
    asking.destroy();
    return ((await reached()?.closed) ?? Number.NaN) - left;
  };
}

describe('a disconnect', () => {
  it.each<[string, Moment]>([
    ['before the provider has answered, streaming', { model: 'silent', whole: false, events: 0 }],
    ['before the provider has answered, waiting for a whole answer', { model: 'silent', whole: true, events: 0 }],
    ['before the first content', { model: 'headers', whole: false, events: 0 }],
    ['in the middle of a stream', { model: 'endless', whole: false, events: 5 }],
    ['in the middle of a whole answer', { model: 'endless', whole: true, events: 0 }],
  ])('%s takes the connection to the provider along', async (_when, moment) => {
    for (const face of faceNames) {
      const leave = await askUntil({ ...moment, face });
      expect(await leave(), face).toBeLessThan(100);
    }
  });

  it('at any moment leaves 99 other streams intact, and in the end no connection is open', async () => {
    const models = ['silent', 'headers', 'endless', 'endless'] as const;
    const moments = Array.from({ length: 100 }, (_, index): Moment => {
      const model = models[index % models.length] ?? 'endless';
      return {
        model,
        whole: index % 7 === 0,
        face: faceNames[index % faceNames.length] ?? 'REST',
        events: model === 'endless' && index % 7 !== 0 ? Math.floor(Math.random() * 20) : 0,
      };
    });
    const callers = await Promise.all(moments.map(askUntil));
    const outlived: number[] = [];
    for (const leave of callers.sort(() => Math.random() - 0.5)) outlived.push(await leave());
    outlived.sort((a, b) => a - b);
    const tell = (share: number) => `${outlived[Math.floor((outlived.length - 1) * share)]?.toFixed(1)} ms`;
    console.log(`upstream sockets outlived their callers by p50 ${tell(0.5)}, p99 ${tell(0.99)}, at most ${tell(1)}`);
    expect(outlived.at(-1)).toBeLessThan(100);
    expect(provider.open.size).toBe(0);
  });

  it('is not logged as an error', () => {
    expect(gateway.output()).not.toMatch(/error|warn/i);
  });
});
