import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider } from '../support/gateway.ts';
import { exitOf, type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { query } from '../support/graphql-client.ts';
import { openAiStream, type ProviderServer, startProvider } from '../support/provider-server.ts';
import { hasRedis, type RedisServer, startRedis } from '../support/redis-server.ts';
import { type Attempt, attempt, type SentEvent } from '../support/resuming-client.ts';

/** A stream that one gateway runs is resumed, followed and stopped through another one. */

const web = callerKey('web');
const other = callerKey('other');

const fields = `__typename ... on CompletionStarted { streamId cursor } ... on ContentDelta { text cursor }
  ... on CompletionFinished { finishReason cursor } ... on CompletionFailed { code retryable cursor }`;
const started = `subscription ($input: ChatInput!) { chatStream(input: $input) { ${fields} } }`;
const resumed = `subscription ($id: ID!, $after: String) { resumeChatStream(streamId: $id, after: $after) { ${fields} } }`;

type Event = {
  readonly __typename: string;
  readonly streamId?: string;
  readonly text?: string;
  readonly cursor: string;
};

function eventsOf({ events }: Pick<Attempt, 'events'>): Event[] {
  return events.flatMap(({ data }) => (data === '' ? [] : Object.values<Event>(JSON.parse(data).data)));
}

const textOf = (events: readonly Event[]) => events.map(({ text = '' }) => text).join('');

describe.skipIf(!hasRedis)('a stream of another gateway', () => {
  let redis: RedisServer;
  let provider: ProviderServer;
  let a: GatewayProcess;
  let b: GatewayProcess;
  const settings = () => ({
    yaml: `${callersYaml(web, other)}${localProvider(provider.url, 'resume: { graceMs: 2000 }\n')}`,
    env: { PARLEY_REDIS_URL: redis.url },
  });
  /** By the model's name: writes one more piece, or the end. */
  const held = new Map<string, { write(text: string): void; end(): void }>();

  beforeAll(async () => {
    redis = await startRedis();
    provider = await startProvider(({ body }, response) => {
      const chunk = (content: string) =>
        `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content } }] })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk('first '));
      const end = openAiStream([]).split('\n\n').slice(1).join('\n\n');
      held.set(String(body['model']), {
        write: (text) => void response.write(chunk(text)),
        end: () => void response.end(end),
      });
    });
    [a, b] = await Promise.all([startGateway(settings()), startGateway(settings())]);
  });
  afterAll(async () => {
    await Promise.all([a.stop(), b.stop()]);
    await provider.close();
    await redis[Symbol.asyncDispose]();
  });

  const headers = { authorization: `Bearer ${web.key}` };

  async function leaveEarly(gateway: GatewayProcess, model: string, policy: string, more: object = {}): Promise<Event> {
    const messages = [{ role: 'USER', content: 'Hello' }];
    const input = { model: `local/${model}`, messages, onDisconnect: policy, ...more };
    const body = { query: started, variables: { input } };
    const asking = attempt({ url: gateway.url, path: '/graphql', headers, body, onEvent: () => false });
    const [first] = eventsOf(await asking);
    if (!first?.streamId) throw new Error('The stream has not started');
    return first;
  }

  function resume(gateway: GatewayProcess, id: string | undefined, after?: string, key = web.key) {
    const body = { query: resumed, variables: { id, after } };
    const seen: SentEvent[] = [];
    let onFirst = () => {};
    const first = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const done = attempt({
      ...{ url: gateway.url, path: '/graphql', headers: { authorization: `Bearer ${key}` }, body },
      onEvent(event) {
        seen.push(event);
        onFirst();
        return true;
      },
    });
    return { done, first, seen };
  }

  it('is resumed there, live, with its exact text, while the provider is asked once', async () => {
    const before = provider.requests.length;
    const { streamId, cursor } = await leaveEarly(a, 'followed', 'WAIT');
    const [one, two] = [resume(b, streamId, cursor), resume(b, streamId)];
    await Promise.all([one.first, two.first]);
    held.get('followed')?.write('second ');
    held.get('followed')?.write('third ');
    held.get('followed')?.end();
    const rest = eventsOf(await one.done);
    expect(textOf(rest)).toBe('first second third ');
    expect(rest.at(-1)).toMatchObject({ __typename: 'CompletionFinished', finishReason: 'STOP' });
    expect(textOf(eventsOf(await two.done))).toBe('first second third ');
    expect(provider.requests.length).toBe(before + 1);
  });

  it('goes on beyond its grace time while a client follows it there', async () => {
    const { streamId } = await leaveEarly(a, 'patient', 'WAIT');
    const follower = resume(b, streamId);
    await follower.first;
    const asked = provider.requests.at(-1);
    // Longer than resume.graceMs.
    const ended = await Promise.race([asked?.closed, new Promise((resolve) => setTimeout(resolve, 2_500, 'runs'))]);
    expect(ended).toBe('runs');
    held.get('patient')?.end();
    expect(eventsOf(await follower.done).at(-1)?.__typename).toBe('CompletionFinished');
  });

  it('is listed, fetched and stopped there by its caller, and by no other', async () => {
    const { streamId } = await leaveEarly(a, 'stopped', 'FINISH');
    const list = '{ chatStreams { streamId status } }';
    await expect
      .poll(async () => (await query(b.url, list, {}, web.key)).data?.['chatStreams'], { interval: 20 })
      .toContainEqual({ streamId, status: 'WAITING' });
    const result =
      'query ($id: ID!) { chatResult(streamId: $id) { ... on Completion { text isPartial } ... on ChatFailure { code } } }';
    const fetched = await query(b.url, result, { id: streamId }, web.key);
    expect(fetched.data?.['chatResult']).toEqual({ text: 'first ', isPartial: true });

    const stop = 'mutation ($id: ID!) { stopChatStream(streamId: $id) { outcome } }';
    for (const gateway of [a, b]) {
      expect((await query(gateway.url, list, {}, other.key)).data?.['chatStreams']).toEqual([]);
      const { done } = resume(gateway, streamId, undefined, other.key);
      expect(eventsOf(await done)).toMatchObject([{ code: 'STREAM_NOT_FOUND' }]);
      const refused = await query(gateway.url, stop, { id: streamId }, other.key);
      expect(refused.data?.['stopChatStream']).toEqual({ outcome: 'NOT_FOUND' });
    }
    const asked = provider.requests.at(-1);
    const stopped = await query(b.url, stop, { id: streamId }, web.key);
    expect(stopped.data?.['stopChatStream']).toEqual({ outcome: 'STOPPED' });
    await asked?.closed;
  });

  it('is fetched and removed there as a response, running or ended', async () => {
    const gone = async (id: string) => {
      const asked = [a, b].map(async ({ url }) => (await fetch(`${url}/v1/responses/${id}`, { headers })).status);
      return Promise.all(asked);
    };
    for (const model of ['removed', 'ended']) {
      const { streamId } = await leaveEarly(a, model, 'FINISH');
      const asked = provider.requests.at(-1);
      if (model === 'ended') held.get(model)?.end();
      const status = model === 'ended' ? 'completed' : 'in_progress';
      const id = `resp_${streamId}`;
      await expect
        .poll(async () => (await fetch(`${b.url}/v1/responses/${id}`, { headers })).json(), { interval: 20 })
        .toMatchObject({ id, status });
      const removed = await fetch(`${b.url}/v1/responses/${id}`, { method: 'DELETE', headers });
      expect(await removed.json()).toEqual({ id, object: 'response', deleted: true });
      await asked?.closed;
      await expect.poll(() => gone(id)).toEqual([404, 404]);
    }
  });

  it('is followed there by its request id', async () => {
    const requestId = `request-${Math.random()}`;
    const { streamId } = await leaveEarly(a, 'repeated', 'WAIT', { requestId });
    const messages = [{ role: 'USER', content: 'Hello' }];
    const input = { model: 'local/repeated', messages, onDisconnect: 'WAIT', requestId };
    const body = { query: started, variables: { input } };
    const before = provider.requests.length;
    let onFirst = () => {};
    const first = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const again = attempt({
      ...{ url: b.url, path: '/graphql', headers, body },
      onEvent() {
        onFirst();
        return true;
      },
    });
    await first;
    held.get('repeated')?.end();
    expect(eventsOf(await again)[0]?.streamId).toBe(streamId);
    expect(provider.requests.length).toBe(before);
  });

  it('is STREAM_LOST within 5 s when its gateway is killed, after the text so far', async () => {
    const c = await startGateway(settings());
    const { streamId } = await leaveEarly(c, 'lost', 'FINISH');
    const follower = resume(b, streamId);
    await follower.first;
    held.get('lost')?.write('second ');
    await expect.poll(() => textOf(eventsOf({ events: follower.seen })), { interval: 10 }).toBe('first second ');
    const killed = performance.now();
    c.child.kill('SIGKILL');
    const events = eventsOf(await follower.done);
    expect(textOf(events)).toBe('first second ');
    expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFailed', code: 'STREAM_LOST', retryable: true });
    expect(performance.now() - killed).toBeLessThan(5_000);
    // A client that comes later gets the same.
    const late = eventsOf(await resume(b, streamId).done);
    expect(textOf(late)).toBe('first second ');
    expect(late.at(-1)).toMatchObject({ code: 'STREAM_LOST' });
  });

  it('is completed within the grace of a gateway that is restarted, and kept for clients of the others', async () => {
    const c = await startGateway(settings());
    const { streamId } = await leaveEarly(c, 'drained', 'FINISH');
    c.child.kill('SIGTERM');
    await expect.poll(() => c.output(), { interval: 20 }).toContain('Stopping');
    held.get('drained')?.write('last');
    held.get('drained')?.end();
    expect(await exitOf(c.child)).toBe(0);
    const events = eventsOf(await resume(b, streamId).done);
    expect(textOf(events)).toBe('first last');
    expect(events.at(-1)?.__typename).toBe('CompletionFinished');
  });

  it('is served by its own gateway while Redis is away, and by the others when it is back', async () => {
    const { streamId } = await leaveEarly(a, 'outage', 'FINISH');
    await redis.kill();
    const near = resume(a, streamId);
    await near.first;
    held.get('outage')?.write('during ');
    await expect.poll(() => textOf(eventsOf({ events: near.seen })), { interval: 10 }).toBe('first during ');
    await redis.restart();
    await expect
      .poll(
        async () => {
          const result = 'query ($id: ID!) { chatResult(streamId: $id) { ... on Completion { text } } }';
          return (await query(b.url, result, { id: streamId }, web.key)).data?.['chatResult'];
        },
        { interval: 50, timeout: 10_000 },
      )
      .toEqual({ text: 'first during ' });
    held.get('outage')?.end();
    expect(eventsOf(await near.done).at(-1)?.__typename).toBe('CompletionFinished');
  });
});
