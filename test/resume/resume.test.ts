import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CutProxy, startCutProxy } from '../support/cut-proxy.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';
import { openAiStream, type ProviderServer, startProvider } from '../support/provider-server.ts';
import { attempt, type SentEvent } from '../support/resuming-client.ts';

/** Streams that outlive the connection of their client, over real sockets. */

const words = [
  'Grüße ',
  'from ',
  'a ',
  'network ',
  'that ',
  'breaks: ',
  '你好, ',
  '👋🏽 ',
  'and ',
  '"quotes"\n',
  'too.',
];
const answer = words.join('');

let provider: ProviderServer;
let gateway: RunningGateway;
let proxy: CutProxy;
/** Lets "held" streams go on to their end. */
let release: () => void = () => {};

const chunk = (content: string) =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content } }] })}\n\n`;

beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    switch (body['model']) {
      case 'held':
        response.write(chunk('first '));
        release = () => response.end(chunk('last') + end);
        return;
      case 'silent':
        response.flushHeaders();
        return;
      case 'broken':
        response.write(chunk('half of '));
        response.end();
        return;
      case 'river': {
        const write = () => void response.write(chunk('x'.repeat(10_000)));
        write();
        const flow = setInterval(write, 10);
        response.once('close', () => clearInterval(flow));
        return;
      }
      case 'flood': {
        const piece = chunk('x'.repeat(10_000));
        let left = 200;
        const write = () => {
          while (left > 0) {
            left -= 1;
            if (!response.write(piece)) return void response.once('drain', write);
          }
          response.end(end);
        };
        return write();
      }
      default:
        response.end(words.map(chunk).join('') + end);
    }
  });
  gateway = await openGateway({
    yaml: localProvider(
      provider.url,
      'resume: { graceMs: 300, keepMs: 60000, maxStreams: 5000, maxBytes: 30000000 }\n',
    ),
  });
  proxy = await startCutProxy(gateway.url);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

/** The chunks after the content. */
const end = openAiStream([]).split('\n\n').slice(1).join('\n\n');

const fields = `__typename ... on CompletionStarted { streamId cursor } ... on ContentDelta { text cursor }
  ... on CompletionFinished { finishReason cursor } ... on CompletionFailed { code message cursor }`;
const started = `subscription ($input: ChatInput!) { chatStream(input: $input) { ${fields} } }`;
const resumed = `subscription ($id: ID!, $after: String) { resumeChatStream(streamId: $id, after: $after) { ${fields} } }`;

type Event = {
  readonly __typename: string;
  readonly streamId?: string;
  readonly text?: string;
  readonly cursor: string;
  readonly code?: string;
  readonly finishReason?: string;
};

function eventsOf(events: readonly SentEvent[]): Event[] {
  return events.flatMap(({ data }) => {
    if (data === '') return [];
    const { data: given } = JSON.parse(data) as { data: Readonly<Record<string, Event>> };
    return Object.values(given);
  });
}

const input = (model: string, onDisconnect: string, more: object = {}) => ({
  model: `local/${model}`,
  onDisconnect,
  messages: [{ role: 'USER', content: 'Hello' }],
  ...more,
});

function start(url: string, model: string, policy: string, more: object = {}, onEvent?: (event: SentEvent) => boolean) {
  const body = { query: started, variables: { input: input(model, policy, more) } };
  return attempt({ url, path: '/graphql', body, ...(onEvent && { onEvent }) });
}

function resume(url: string, id: string, after: string | undefined) {
  return attempt({ url, path: '/graphql', body: { query: resumed, variables: { id, after } } });
}

/** Starts a stream and disconnects after its first event. */
async function leaveEarly(model: string, policy: string, more: object = {}): Promise<Event> {
  const { events } = await start(gateway.url, model, policy, more, () => false);
  const [first] = eventsOf(events);
  if (!first?.streamId) throw new Error(`No start: ${JSON.stringify(first)}`);
  return first;
}

const textOf = (events: readonly Event[]) => events.map(({ text = '' }) => text).join('');
const terminals = (events: readonly Event[]) =>
  events.filter(({ __typename }) => __typename === 'CompletionFinished' || __typename === 'CompletionFailed');

async function streamsOf(): Promise<{ streamId: string; status: string; requestId: string | null; resumes: number }[]> {
  const { data } = await query(gateway.url, '{ chatStreams { streamId status requestId resumes expiresAt } }');
  return data?.['chatStreams'] as never;
}

async function resultOf(streamId: string): Promise<Record<string, unknown>> {
  const document = `query ($id: ID!) { chatResult(streamId: $id) { __typename
    ... on Completion { text isPartial finishReason } ... on ChatFailure { code partialText } } }`;
  const { data } = await query(gateway.url, document, { id: streamId });
  return data?.['chatResult'] as never;
}

async function stop(streamId: string): Promise<string> {
  const document = 'mutation ($id: ID!) { stopChatStream(streamId: $id) { outcome } }';
  const { data } = await query(gateway.url, document, { id: streamId });
  return (data?.['stopChatStream'] as { outcome: string } | undefined)?.outcome ?? 'no answer';
}

describe('a stream whose connection breaks', () => {
  it('has its exact text and one terminal event after a cut at any byte', async () => {
    const whole = await start(proxy.url, 'short', 'FINISH');
    expect(textOf(eventsOf(whole.events))).toBe(answer);
    // Through the head and the body of the response, as they are on the wire.
    let resumes = 0;
    for (let cut = 1; ; cut++) {
      proxy.cutAfter(cut);
      const first = await start(proxy.url, 'short', 'FINISH');
      proxy.cutAfter(Number.POSITIVE_INFINITY);
      const received = eventsOf(first.events);
      if (!received[0]?.streamId) continue;
      if (terminals(received).length > 0) break;
      const rest = eventsOf((await resume(proxy.url, received[0].streamId, received.at(-1)?.cursor)).events);
      expect(textOf(received) + textOf(rest), `cut after ${cut} bytes`).toBe(answer);
      expect(terminals([...received, ...rest])).toHaveLength(1);
      expect(rest.at(-1)?.__typename).toBe('CompletionFinished');
      resumes += 1;
    }
    // Cuts after the first event and before the last one.
    expect(resumes).toBeGreaterThan(300);
  }, 60_000);

  it('has its exact text over any number of reconnects, each cut again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 150, max: 900 }), { minLength: 1, maxLength: 8 }), async (cuts) => {
        proxy.cutAfter(1_000);
        const received = eventsOf((await start(proxy.url, 'short', 'WAIT')).events);
        const id = received[0]?.streamId ?? '';
        for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
          if (terminals(received).length > 0) break;
          proxy.cutAfter(cut);
          received.push(...eventsOf((await resume(proxy.url, id, received.at(-1)?.cursor)).events));
        }
        expect(textOf(received)).toBe(answer);
        expect(terminals(received)).toHaveLength(1);
      }),
      { numRuns: 40 },
    );
  });

  it('continues on a repeated request with Last-Event-ID, on both faces, without asking the provider again', async () => {
    for (const path of ['/graphql', '/v1/chat/completions']) {
      const messages = [{ role: 'user', content: 'Hello' }];
      const body =
        path === '/graphql'
          ? { query: started, variables: { input: input('short', 'WAIT') } }
          : { model: 'local/short', messages, stream: true, on_disconnect: 'wait' };
      const before = provider.requests.length;
      proxy.cutAfter(path === '/graphql' ? 700 : 1_000);
      const first = await attempt({ url: proxy.url, path, body });
      proxy.cutAfter(Number.POSITIVE_INFINITY);
      const lastId = first.events.at(-1)?.id ?? '';
      expect(lastId).toMatch(/^[0-9a-f-]{36}:\d+$/);
      const rest = await attempt({ url: proxy.url, path, body, headers: { 'last-event-id': lastId } });
      const all = [...first.events, ...rest.events].map(({ data }) => data).filter((data) => data.startsWith('{'));
      const text = all.map((data) => {
        const { data: graphql, choices = [] } = JSON.parse(data);
        return graphql ? (graphql.chatStream.text ?? '') : (choices[0]?.delta?.content ?? '');
      });
      expect(text.join(''), path).toBe(answer);
      expect(provider.requests.length, path).toBe(before + 1);
    }
  });

  it('ends at once for a client that had the terminal event', async () => {
    const { events } = await start(gateway.url, 'short', 'WAIT');
    const lastId = events.findLast(({ id }) => id !== undefined)?.id ?? '';
    const body = { query: started, variables: { input: input('short', 'WAIT') } };
    const again = await attempt({ url: gateway.url, path: '/graphql', body, headers: { 'last-event-id': lastId } });
    expect(eventsOf(again.events)).toEqual([]);
    expect(again.isComplete).toBe(true);
  });

  it('is followed from its beginning by the same request id, instead of a refusal', async () => {
    const before = provider.requests.length;
    const requestId = `again-${Math.random()}`;
    const first = await leaveEarly('held', 'WAIT', { requestId });
    const again = start(gateway.url, 'held', 'WAIT', { requestId });
    await following(first.streamId ?? '', 1);
    release();
    const events = eventsOf((await again).events);
    expect(events[0]?.streamId).toBe(first.streamId);
    expect(textOf(events)).toBe('first last');
    expect(provider.requests.length).toBe(before + 1);
  });

  it('is listed before its first content, and can be followed by its request id then', async () => {
    const requestId = `early-${Math.random()}`;
    const asking = start(gateway.url, 'silent', 'FINISH', { requestId });
    await provider.received(provider.requests.length + 1);
    const found = (await streamsOf()).find((one) => one.requestId === requestId);
    expect(found?.status).toBe('STARTING');
    const follower = resume(gateway.url, found?.streamId ?? '', undefined);
    await following(found?.streamId ?? '', 1);
    expect(await stop(found?.streamId ?? '')).toBe('STOPPED');
    for (const { events } of [await asking, await follower]) {
      expect(eventsOf(events)).toMatchObject([{ __typename: 'CompletionFailed', code: 'CANCELLED' }]);
    }
  });
});

describe('onDisconnect', () => {
  it('STOP keeps nothing and has no cursors', async () => {
    const { events } = await start(gateway.url, 'short', 'STOP');
    expect(eventsOf(events).every(({ cursor }) => cursor === '')).toBe(true);
    expect(events.every(({ id }) => id === undefined)).toBe(true);
    const id = eventsOf(events)[0]?.streamId ?? '';
    expect(id).not.toBe('');
    expect((await streamsOf()).map(({ streamId }) => streamId)).not.toContain(id);
    expect(await resultOf(id)).toMatchObject({ code: 'STREAM_NOT_FOUND' });
  });

  it('WAIT stops the provider when no client comes back in time', async () => {
    const { streamId = '' } = await leaveEarly('held', 'WAIT');
    const asked = provider.requests.at(-1);
    await asked?.closed;
    expect(await resultOf(streamId)).toMatchObject({ code: 'CANCELLED', partialText: 'first ' });
  });

  it('FINISH completes the answer without a client, and keeps it', async () => {
    const { streamId = '' } = await leaveEarly('held', 'FINISH');
    expect(await resultOf(streamId)).toMatchObject({ text: 'first ', isPartial: true, finishReason: 'OTHER' });
    expect((await streamsOf()).find((one) => one.streamId === streamId)?.status).toBe('WAITING');
    release();
    await ended(streamId);
    expect(await resultOf(streamId)).toMatchObject({ text: 'first last', isPartial: false, finishReason: 'STOP' });
  });

  it('keeps the failure of a stream that breaks without a client, with its text', async () => {
    const { streamId = '' } = await leaveEarly('broken', 'FINISH');
    await ended(streamId);
    expect(await resultOf(streamId)).toMatchObject({ code: 'UPSTREAM_TRUNCATED', partialText: 'half of ' });
    const events = eventsOf((await resume(gateway.url, streamId, undefined)).events);
    expect(events.at(-1)).toMatchObject({ __typename: 'CompletionFailed', code: 'UPSTREAM_TRUNCATED' });
  });

  it('counts as one request, whose log line has the number of resumes', async () => {
    const { streamId = '' } = await leaveEarly('held', 'FINISH');
    const follower = resume(gateway.url, streamId, undefined);
    await following(streamId, 1);
    const lines = gateway.calls.length;
    release();
    await follower;
    await expect.poll(() => gateway.calls.length).toBe(lines + 1);
    expect(gateway.calls.at(-1)?.fields).toMatchObject({ code: 'OK', resumes: 1, requestId: streamId });
  });

  it('other than STOP is refused for a whole answer', async () => {
    const document = `query ($input: ChatInput!) { chat(input: $input) { ... on ChatFailure { code issues { path } } } }`;
    const { data } = await query(gateway.url, document, { input: input('short', 'WAIT') });
    expect(data?.['chat']).toEqual({ code: 'INVALID_REQUEST', issues: [{ path: 'onDisconnect' }] });
  });
});

describe('several readers of one stream', () => {
  it('get the same text, and a slow one delays neither the others nor the provider', async () => {
    const first = await start(gateway.url, 'flood', 'FINISH', {}, () => false);
    const streamId = eventsOf(first.events)[0]?.streamId ?? '';
    const before = provider.requests.length;
    // It reads its first event, and nothing more.
    const slow = fetch(`${gateway.url}/v1/streams/${streamId}`, { headers: { accept: 'text/event-stream' } });
    const reader = (await slow).body?.getReader();
    await reader?.read();
    const [a, b] = await Promise.all([
      resume(gateway.url, streamId, undefined),
      resume(gateway.url, streamId, undefined),
    ]);
    for (const { events } of [a, b]) expect(textOf(eventsOf(events))).toBe('x'.repeat(2_000_000));
    expect(provider.requests.length).toBe(before);
    await reader?.cancel();
  });

  it('are stopped together by stopChatStream, each with a terminal event', async () => {
    const { streamId = '' } = await leaveEarly('held', 'WAIT');
    const followers = [resume(gateway.url, streamId, undefined), resume(gateway.url, streamId, undefined)];
    await following(streamId, 2);
    const asked = provider.requests.at(-1);
    expect(await stop(streamId)).toBe('STOPPED');
    await asked?.closed;
    for (const { events } of await Promise.all(followers)) {
      const received = eventsOf(events);
      expect(textOf(received)).toBe('first ');
      expect(terminals(received)).toMatchObject([{ code: 'CANCELLED' }]);
    }
    expect(await stop(streamId)).toBe('ENDED');
    expect(await stop('00000000-0000-4000-8000-000000000000')).toBe('NOT_FOUND');
  });
});

describe('the limits of a caller', () => {
  it('count a stream that waits for its client as open', async () => {
    await using strict = await openGateway({ yaml: localProvider(provider.url, 'limits: { concurrentStreams: 1 }\n') });
    await start(strict.url, 'held', 'WAIT', {}, () => false);
    const refused = eventsOf((await start(strict.url, 'short', 'STOP')).events);
    expect(refused).toMatchObject([{ code: 'RATE_LIMITED' }]);
    release();
    await expect
      .poll(async () => eventsOf((await start(strict.url, 'short', 'STOP')).events).at(-1)?.__typename, {
        interval: 20,
      })
      .toBe('CompletionFinished');
  });

  it('forbid what the operator does not allow, and refuse more kept streams than maxStreams', async () => {
    const yaml = localProvider(provider.url, 'resume: { allow: [wait], maxStreams: 1 }\n');
    await using strict = await openGateway({ yaml });
    const forbidden = eventsOf((await start(strict.url, 'short', 'FINISH')).events);
    expect(forbidden).toMatchObject([{ code: 'INVALID_REQUEST' }]);
    await start(strict.url, 'held', 'WAIT', {}, () => false);
    const asked = provider.requests.length;
    expect(eventsOf((await start(strict.url, 'short', 'WAIT')).events)).toMatchObject([{ code: 'RATE_LIMITED' }]);
    expect(provider.requests.length).toBe(asked);
    release();
  });

  it('bound the text that is kept: without a reader the stream is lost, with one it is read to its end', async () => {
    const yaml = localProvider(provider.url, 'resume: { maxBytes: 100000 }\n');
    await using strict = await openGateway({ yaml });
    const document = '{ chatStreams { status } }';
    await start(strict.url, 'river', 'FINISH', {}, () => false);
    await expect
      .poll(async () => (await query(strict.url, document)).data?.['chatStreams'], { interval: 10 })
      .toEqual([{ status: 'FAILED' }]);
    const read = eventsOf((await start(strict.url, 'flood', 'FINISH')).events);
    expect(textOf(read)).toHaveLength(2_000_000);
    expect(read.at(-1)?.__typename).toBe('CompletionFinished');
  });

  it('are settled once, and the metrics count resumed, expired and stopped streams', async () => {
    const yaml = localProvider(
      provider.url,
      'resume: { graceMs: 50 }\nlimits: { tokensPerMinute: 1000000 }\nprices: { local/held: { input: 1, output: 1, asOf: "2026-11" } }\n',
    );
    await using strict = await openGateway({ yaml });
    await start(strict.url, 'held', 'WAIT', {}, () => false);
    await provider.requests.at(-1)?.closed;
    const second = await start(strict.url, 'held', 'FINISH', {}, () => false);
    const id = eventsOf(second.events)[0]?.streamId ?? '';
    const follower = resume(strict.url, id, undefined);
    await expect
      .poll(async () => (await query(strict.url, '{ chatStreams { resumes } }')).data?.['chatStreams'])
      .toContainEqual({ resumes: 1 });
    await query(strict.url, `mutation { stopChatStream(streamId: "${id}") { outcome } }`);
    await follower;
    const metrics = await (await fetch(`${strict.url}/metrics`)).text();
    const counts = [...metrics.matchAll(/^parley_kept_stream_events_total\{parley_event="(\w+)"\} (\d+)$/gm)];
    expect(Object.fromEntries(counts.map(([, event, count]) => [event, Number(count)]))).toEqual({
      ...{ resumed: 1, expired: 1, stopped: 1, lost: 0 },
    });
    expect(strict.calls).toHaveLength(2);
    const usage = await query(strict.url, '{ usage(by: MODEL) { rows { requests cancelled } } }');
    expect(usage.data?.['usage']).toEqual({ rows: [{ requests: 2, cancelled: 2 }] });
  });
});

describe('a stream that is not there', () => {
  it('is STREAM_NOT_FOUND in every field and on both faces', async () => {
    const id = '00000000-0000-4000-8000-000000000000';
    const { events } = await resume(gateway.url, id, undefined);
    expect(eventsOf(events)).toMatchObject([{ __typename: 'CompletionFailed', code: 'STREAM_NOT_FOUND' }]);
    expect(await resultOf(id)).toMatchObject({ code: 'STREAM_NOT_FOUND' });
    for (const method of ['GET', 'DELETE']) {
      expect((await fetch(`${gateway.url}/v1/streams/${id}`, { method })).status).toBe(404);
    }
  });

  it('refuses a cursor that is not of this stream', async () => {
    const { streamId = '' } = await leaveEarly('short', 'FINISH');
    for (const after of [
      'nonsense',
      `${streamId}:999999`,
      '00000000-0000-4000-8000-000000000000:1',
      '1'.repeat(9_999),
    ]) {
      const { events } = await resume(gateway.url, streamId, after);
      expect(eventsOf(events)).toMatchObject([{ code: 'INVALID_REQUEST' }]);
    }
  });
});

describe('the paths of streams on REST', () => {
  it('list, follow, fetch and stop', async () => {
    const messages = [{ role: 'user', content: 'Hello' }];
    const body = { model: 'local/held', messages, stream: true, on_disconnect: 'finish' };
    const path = '/v1/chat/completions';
    const first = await attempt({ url: gateway.url, path, body, onEvent: () => false });
    const id = String(first.headers['x-parley-stream-id']);
    const { data } = (await (await fetch(`${gateway.url}/v1/streams`)).json()) as { data: { id: string }[] };
    expect(data.map((one) => one.id)).toContain(id);
    const partial = await (await fetch(`${gateway.url}/v1/streams/${id}`)).json();
    expect(partial).toMatchObject({ choices: [{ message: { content: 'first ' } }], x_parley: { is_partial: true } });
    const following = attempt({ url: gateway.url, path: `/v1/streams/${id}`, method: 'GET' });
    release();
    const chunks = (await following).events.map(({ data: text }) => text);
    expect(chunks.at(-1)).toBe('[DONE]');
    expect(
      chunks.map((text) => (text.startsWith('{') ? (JSON.parse(text).choices[0]?.delta.content ?? '') : '')).join(''),
    ).toBe('first last');
    const stopped = await fetch(`${gateway.url}/v1/streams/${id}`, { method: 'DELETE' });
    expect(await stopped.json()).toEqual({ id, object: 'stream', outcome: 'ended' });
  });

  it('serve EventSource on GraphQL, which can only GET, and nothing that costs money', async () => {
    const { streamId = '' } = await leaveEarly('short', 'FINISH');
    const get = (document: string) =>
      attempt({
        url: gateway.url,
        path: `/graphql?${new URLSearchParams({ query: document, variables: JSON.stringify({ id: streamId }) })}`,
        method: 'GET',
      });
    expect(textOf(eventsOf((await get(resumed)).events))).toBe(answer);
    const paid = await get('subscription { chatStream(input: { model: "local/short", messages: [] }) { __typename } }');
    expect(paid.status).toBe(405);
    expect((await get('{ chatStreams { streamId } }')).status).toBe(405);
  });
});

/** Waits until a stream has so many followers. */
async function following(streamId: string, resumes: number): Promise<void> {
  await expect
    .poll(async () => (await streamsOf()).find((one) => one.streamId === streamId)?.resumes, { interval: 5 })
    .toBe(resumes);
}

async function ended(streamId: string): Promise<void> {
  await expect
    .poll(async () => (await streamsOf()).find((one) => one.streamId === streamId)?.status, { interval: 5 })
    .toMatch(/FINISHED|FAILED/);
}
