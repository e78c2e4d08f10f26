import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { startGateway } from '../support/gateway-process.ts';
import { wholeChat, wholeStream } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { openSingleConnection, streamedOverSingleConnection } from '../support/single-connection-client.ts';

/** The single connection mode of GraphQL over SSE, with graphql-sse's own client and with requests by hand. */

const input = (model: string) => ({ model, messages: [{ role: 'USER', content: 'Hello' }] });
const tokenHeader = 'x-graphql-event-stream-token';
const web = callerKey('web');
const other = callerKey('other');

let provider: ProviderServer;
let local: RunningGateway;
let sandbox: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(async ({ body }, response) => {
    if (body['stream'] !== true) return sendJson(response, 200, openAiAnswer('Hello'));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const content = body['model'] === 'flood' ? 'x'.repeat(50_000) : 'word ';
    const piece = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content } }] })}\n\n`;
    let isOpen = true;
    response.once('close', () => {
      isOpen = false;
    });
    while (isOpen) {
      if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
      await new Promise((resolve) => setTimeout(resolve, body['model'] === 'flood' ? 0 : 10));
    }
  });
  local = await openGateway({ yaml: `${callersYaml(web, other)}${localProvider(provider.url)}` });
  sandbox = await openGateway({ yaml: quickSandbox });
});
afterAll(async () => {
  await local?.[Symbol.asyncDispose]();
  await sandbox?.[Symbol.asyncDispose]();
  await provider?.close();
});

const headersOf = (key = web.key) => ({ authorization: `Bearer ${key}` });

function send(
  method: string,
  token: string,
  options: { readonly body?: object; readonly key?: string; readonly query?: string } = {},
) {
  return fetch(`${local.url}/graphql${options.query ?? ''}`, {
    method,
    headers: {
      ...headersOf(options.key),
      ...(token !== '' && { [tokenHeader]: token }),
      ...(method === 'GET' ? { accept: 'text/event-stream' } : { 'content-type': 'application/json' }),
    },
    ...(options.body && { body: JSON.stringify(options.body) }),
  });
}
const reserve = async (key?: string) => (await send('PUT', '', key ? { key } : {})).text();
const operation = (model: string, operationId: unknown, query = wholeStream) => ({
  query,
  variables: { input: input(model) },
  extensions: { operationId },
});

/** Opens the event stream of a token. */
async function open(token: string) {
  const response = await send('GET', token);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let seen = '';
  return {
    status: response.status,
    async until(text: string) {
      while (!seen.includes(text)) {
        const read = await reader?.read();
        if (!read || read.done) throw new Error(`The stream ended before ${text}`);
        seen += read.value;
      }
      return seen;
    },
    leave: () => reader?.cancel(),
  };
}

describe('the single connection mode', () => {
  it('carries queries, mutations and ten streams at once, each with its own events', async () => {
    const client = openSingleConnection(sandbox.url);
    const results = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const sent = { ...input('openai/gpt-4o'), messages: [{ role: 'USER', content: `Stream ${index}` }] };
        let text = '';
        const events = client.iterate<{ chatStream: { __typename: string; text?: string } }>({
          query: wholeStream,
          variables: { input: sent },
        });
        for await (const { data } of events) {
          if (data?.chatStream.__typename === 'ContentDelta') text += data.chatStream.text;
        }
        return text;
      }),
    );
    for (const [index, text] of results.entries()) expect(text).toContain(`Stream ${index}`);
    for (const query of [wholeChat, wholeChat.replace('query', 'mutation')]) {
      const answers: unknown[] = [];
      for await (const { data } of client.iterate({ query, variables: { input: input('openai/gpt-4o') } })) {
        answers.push(data?.['chat']);
      }
      expect(answers).toEqual([expect.objectContaining({ __typename: 'Completion' })]);
    }
    client.dispose();
  });

  it('stops the provider when an operation is stopped, and when the client leaves', async () => {
    const token = await reserve();
    const stream = await open(token);
    expect((await send('POST', token, { body: operation('local/x', 'one') })).status).toBe(202);
    await stream.until('word');
    const [first] = provider.requests.slice(-1);
    expect((await send('DELETE', token, { query: '?operationId=one' })).status).toBe(200);
    await first?.closed;
    await stream.until('event: complete\ndata: {"id":"one"}');
    expect((await send('POST', token, { body: operation('local/x', 'two') })).status).toBe(202);
    await stream.until('"id":"two"');
    const [second] = provider.requests.slice(-1);
    await stream.leave();
    await second?.closed;
  });

  it('stops a provider that is faster than the client', async () => {
    const token = await reserve();
    const stream = await open(token);
    await send('POST', token, { body: operation('local/flood', 'flood') });
    await stream.until('xxx');
    const [flood] = provider.requests.slice(-1);
    const written = () => [...provider.open].reduce((sum, socket) => sum + socket.bytesWritten, 0);
    let last = -1;
    // What fits into the buffers of the systems between them, and then nothing more.
    await expect
      .poll(
        () => {
          const now = written();
          const isStill = now === last;
          last = now;
          return isStill;
        },
        { interval: 300, timeout: 15_000 },
      )
      .toBe(true);
    expect(last).toBeLessThan(50_000_000);
    await stream.leave();
    await flood?.closed;
  });

  it('refuses what does not fit the protocol, by name', async () => {
    const token = await reserve();
    expect((await send('POST', token, { body: operation('local/x', 'one') })).status).toBe(404);
    const stream = await open(token);
    expect(stream.status).toBe(200);
    expect((await send('GET', token)).status).toBe(409);
    expect((await send('GET', 'nobody')).status).toBe(404);
    expect(
      (
        await send(
          'GET',
          token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')),
        )
      ).status,
    ).toBe(404);
    // A token is of use to its caller only.
    expect((await send('POST', token, { body: operation('local/x', 'one'), key: other.key })).status).toBe(404);
    expect((await send('DELETE', token, { query: '?operationId=one', key: other.key })).status).toBe(404);
    expect((await send('GET', await reserve(other.key))).status).toBe(404);
    for (const wrong of [undefined, '', 7, 'x'.repeat(201)]) {
      const refused = await send('POST', token, { body: operation('local/x', wrong) });
      expect(refused.status).toBe(400);
      expect(await refused.text()).toContain('operationId');
    }
    const invalid = await send('POST', token, { body: operation('local/x', 'one', '{ nothing }') });
    expect([invalid.status, await invalid.text()]).toEqual([400, expect.stringContaining('BAD_USER_INPUT')]);
    expect((await send('DELETE', token)).status).toBe(400);
    expect((await send('PATCH', token)).status).toBe(405);
    expect((await fetch(`${local.url}/graphql`, { method: 'PUT' })).status).toBe(401);
    expect((await send('POST', token, { body: operation('local/x', 'one') })).status).toBe(202);
    expect((await send('POST', token, { body: operation('local/x', 'one') })).status).toBe(409);
    await stream.leave();
  });

  it('bounds operations of a connection, and connections of a caller', async () => {
    await using gateway = await openGateway({
      yaml: `concurrency: { maxConnections: 8 }\n${localProvider(provider.url)}`,
    });
    const tokens = await Promise.all(
      Array.from({ length: 3 }, async () => (await fetch(`${gateway.url}/graphql`, { method: 'PUT' })).text()),
    );
    const opened: Response[] = [];
    for (const token of tokens) opened.push(await fetch(`${gateway.url}/graphql?token=${token}`));
    expect(opened.map(({ status }) => status)).toEqual([200, 200, 503]);
    const [token = ''] = tokens;
    const post = (id: string) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [tokenHeader]: token },
        body: JSON.stringify(operation('local/x', id)),
      });
    for (let index = 0; index < 100; index++) expect((await post(`${index}`)).status).toBe(202);
    const refused = await post('more');
    expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining('TOO_MANY_OPERATIONS')]);
    for (const { body } of opened) await body?.cancel();
  });
});

describe('a gateway that stops', () => {
  it('ends idle event streams at once, and others after their operations', async () => {
    const gateway = await startGateway({ yaml: quickSandbox });
    const token = await (await fetch(`${gateway.url}/graphql`, { method: 'PUT' })).text();
    const idle = await fetch(`${gateway.url}/graphql?token=${token}`);
    const busy = streamedOverSingleConnection(gateway.url, wholeStream, input('openai/gpt-4o'));
    await busy;
    const stopped = gateway.stop();
    expect(await idle.text()).toBe(':\n\n');
    expect(await stopped).toBe(0);
  });
});
