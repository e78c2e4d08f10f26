import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { chat, query, streamed } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { rawExchange } from '../support/raw-http.ts';

/** A gateway with two permits, serving two calls. */

let provider: ProviderServer;
let gateway: RunningGateway;
const release = Promise.withResolvers<void>();
const input = { model: 'local/x', messages: [{ role: 'USER', content: 'Hello' }] };
const asked = { model: 'local/x', messages: [{ role: 'user', content: 'Hello' }] };
let held: readonly Promise<unknown>[];

beforeAll(async () => {
  provider = await startProvider(async (_request, response) => {
    await release.promise;
    sendJson(response, 200, openAiAnswer('Hi'));
  });
  gateway = await openGateway({ yaml: localProvider(provider.url, 'concurrency: { max: 2 }\n') });
  held = [chat(gateway.url, input), chat(gateway.url, input)];
  await provider.received(2);
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

describe('a gateway at its concurrency limit', () => {
  it('refuses on GraphQL with a failure as data', async () => {
    const refused = { code: 'OVERLOADED', retryable: true, retryAfterMs: 1_000, attempts: [] };
    expect(await chat(gateway.url, input)).toMatchObject({ __typename: 'ChatFailure', ...refused });
    expect(await streamed(gateway.url, input)).toEqual([
      expect.objectContaining({ __typename: 'CompletionFailed', ...refused }),
    ]);
  });

  it.each([false, true])("refuses on OpenAI's paths with 503 and Retry-After (stream: %s)", async (stream) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...asked, stream }),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await response.json()).toMatchObject({ error: { code: 'overloaded', x_parley: { retryable: true } } });
  });

  it.each(['/graphql', '/v1/chat/completions'])(
    'does not wait for a large body before it refuses (%s)',
    async (path) => {
      const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n`;
      const answer = await rawExchange(gateway.url, `${head}{`);
      expect(answer).toMatch(/^HTTP\/1\.1 503 .*\r\n/);
      expect(answer).toMatch(/retry-after: 1\r\n/i);
      expect(answer).toMatch(/connection: close\r\n/i);
      expect(answer).toContain('"code":"OVERLOADED"');
    },
  );

  it('calls no provider, still answers free requests, and counts refusals', async () => {
    expect((await query(gateway.url, '{ providers { id } }')).data).toBeTruthy();
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    expect(provider.requests).toHaveLength(2);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/error_type="OVERLOADED"/);
    expect(metrics).toMatch(/parley_active_requests\{parley_mode="whole"\} 2/);
  });

  it('accepts calls again when an answer is complete', async () => {
    release.resolve();
    expect(await Promise.all(held)).toMatchObject([{ text: 'Hi' }, { text: 'Hi' }]);
    expect(await chat(gateway.url, input)).toMatchObject({ text: 'Hi' });
  });
});
