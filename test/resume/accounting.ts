import { setTimeout as sleep } from 'node:timers/promises';
import { localProvider } from '../support/gateway.ts';
import { exitOf, type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { startNginx } from '../support/nginx.ts';
import { openAiStream, startProvider } from '../support/provider-server.ts';
import { freePort, startRedis } from '../support/redis-server.ts';
import { attempt, type SentEvent } from '../support/resuming-client.ts';

/** How each of many streams ended, behind nginx and two gateways of which one is killed and the other restarted. */
export type Account = {
  /** Complete over one connection. */
  complete: number;
  /** Complete and exact over several connections. */
  resumed: number;
  /** CompletionFailed with STREAM_LOST, after an exact beginning. */
  lost: number;
  /** From the kill to STREAM_LOST, at most, in milliseconds. */
  lostAfterMs: number;
  /** Refused before the start, by a gateway that was stopping: sent again by the client. */
  refused: number;
  /** Anything else: wrong text, two terminal events, or none. */
  readonly wrong: string[];
  /** Requests at the provider. */
  requests: number;
};

const fields = `__typename ... on CompletionStarted { streamId cursor } ... on ContentDelta { text cursor }
  ... on CompletionFinished { cursor } ... on CompletionFailed { code cursor }`;
const start = `subscription ($input: ChatInput!) { chatStream(input: $input) { ${fields} } }`;
const resume = `subscription ($id: ID!, $after: String) { resumeChatStream(streamId: $id, after: $after) { ${fields} } }`;

type Event = { __typename: string; cursor: string; streamId?: string; text?: string; code?: string };

const words = Array.from({ length: 50 }, (_, index) => `word ${index} `);
const paceMs = 120;

export async function account(streams: number): Promise<Account> {
  const redis = await startRedis();
  const provider = await startProvider(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of openAiStream(words).split(/(?<=\n\n)/)) {
      if (response.destroyed) return;
      response.write(event);
      await sleep(paceMs);
    }
    response.end();
  });
  const ports = [await freePort(), await freePort()];
  const launch = (index: number) =>
    startGateway({
      yaml: localProvider(provider.url, `resume: { graceMs: 20000, maxStreams: 10000 }\nlogLevel: silent\n`),
      env: { PARLEY_REDIS_URL: redis.url, PORT: String(ports[index]) },
    });
  const gateways: GatewayProcess[] = [await launch(0), await launch(1)];
  const nginx = await startNginx(...gateways.map(({ url }) => url));
  const result: Account = { complete: 0, resumed: 0, lost: 0, lostAfterMs: 0, refused: 0, wrong: [], requests: 0 };
  let killedAt = Number.POSITIVE_INFINITY;

  async function client(index: number): Promise<void> {
    const messages = [{ role: 'USER', content: 'Hello' }];
    const input = {
      model: 'local/m',
      messages,
      onDisconnect: index % 2 === 0 ? 'WAIT' : 'FINISH',
      requestId: `r${index}`,
    };
    const events: Event[] = [];
    let connections = 0;
    // Every fourth one loses its network after some of the words.
    const cutAfter = index % 4 === 0 ? 5 + (index % 30) : Number.POSITIVE_INFINITY;
    while (connections < 40) {
      const id = events[0]?.streamId;
      const body = id
        ? { query: resume, variables: { id, after: events.at(-1)?.cursor } }
        : { query: start, variables: { input } };
      connections += 1;
      const onEvent = (event: SentEvent) => {
        const parsed = toEvent(event);
        if (!parsed) return true;
        if (
          parsed.__typename === 'CompletionFailed' &&
          ['SHUTTING_DOWN', 'DUPLICATE_REQUEST'].includes(parsed.code ?? '')
        ) {
          // Before the start: another gateway answers the same request.
          result.refused += 1;
          return events.length > 0;
        }
        events.push(parsed);
        return connections > 1 || events.length < cutAfter;
      };
      await attempt({ url: nginx.url, path: '/graphql', body, onEvent });
      const last = events.at(-1);
      if (last?.__typename === 'CompletionFinished' || last?.__typename === 'CompletionFailed') break;
      await sleep(100 + Math.random() * 200);
    }
    judge(events, connections);
  }

  function judge(events: readonly Event[], connections: number): void {
    const text = events.map((event) => event.text ?? '').join('');
    const last = events.at(-1);
    const terminals = events.filter(({ __typename }) => /Finished|Failed/.test(__typename)).length;
    const whole = words.join('');
    if (terminals !== 1) result.wrong.push(`${terminals} terminal events after ${connections} connections`);
    else if (last?.__typename === 'CompletionFinished' && text === whole) {
      if (connections === 1) result.complete += 1;
      else result.resumed += 1;
    } else if (last?.code === 'STREAM_LOST' && whole.startsWith(text)) {
      result.lost += 1;
      result.lostAfterMs = Math.max(result.lostAfterMs, performance.now() - killedAt);
    } else result.wrong.push(`${last?.code ?? last?.__typename} with ${text.length} of ${whole.length} characters`);
  }

  try {
    const clients = Array.from({ length: streams }, (_, index) => client(index));
    const started = async (count: number) => provider.received(count);
    await started(streams);
    await sleep(1_000);
    killedAt = performance.now();
    gateways[0]?.child.kill('SIGKILL');
    await sleep(500);
    gateways[0] = await launch(0);
    const [, second] = gateways;
    second?.child.kill('SIGTERM');
    if (second) await exitOf(second.child);
    gateways[1] = await launch(1);
    await Promise.all(clients);
    result.requests = provider.requests.length;
    return result;
  } finally {
    await nginx[Symbol.asyncDispose]();
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await provider.close();
    await redis[Symbol.asyncDispose]();
  }
}

function toEvent({ data }: SentEvent): Event | undefined {
  if (!data.startsWith('{')) return undefined;
  const { data: given } = JSON.parse(data) as { data?: Record<string, Event> };
  return given && Object.values(given)[0];
}
