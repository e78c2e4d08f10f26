import type { ServerResponse } from 'node:http';
import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider } from '../support/gateway.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { type Nginx, nginxPath, startNginx } from '../support/nginx.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

type Event = { chatStream: { __typename: string; text?: string } };

const query = `subscription Ask($input: ChatInput!) {
  chatStream(input: $input) { __typename ... on ContentDelta { text } ... on CompletionFailed { code } }
}`;

function delta(content: string): string {
  return `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content } }] })}\n\n`;
}

describe.skipIf(!nginxPath)('two gateways behind nginx, as in deploy/ (skipped without nginx)', () => {
  let provider: ProviderServer;
  let gateways: GatewayProcess[];
  let nginx: Nginx;
  /** Answers that a test continues step by step. */
  const talking: ServerResponse[] = [];

  beforeAll(async () => {
    provider = await startProvider((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(delta('0'));
      talking.push(response);
    });
    gateways = await Promise.all(
      ['key-of-one', 'key-of-two'].map((key) =>
        startGateway({
          yaml: localProvider(provider.url).replace('" }', '", apiKeyEnv: LOCAL_API_KEY }'),
          env: { LOCAL_API_KEY: key },
        }),
      ),
    );
    nginx = await startNginx(...gateways.map(({ url }) => url));
  });
  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
    await Promise.all((gateways ?? []).map((gateway) => gateway.stop()));
    await provider?.close();
  });

  function ask(content = 'Hello') {
    const client = createClient({ url: `${nginx.url}/graphql`, retryAttempts: 0 });
    const variables = { input: { model: 'local/model', messages: [{ role: 'USER', content }] } };
    return client.iterate<Event>({ query, variables });
  }

  it('delivers each piece of a stream before the next one is written', async () => {
    talking.length = 0;
    const pieces: string[] = [];
    for await (const { data } of ask()) {
      const event = data?.chatStream;
      if (event?.__typename !== 'ContentDelta') continue;
      pieces.push(event.text ?? '');
      // If any proxy buffered the stream, the first piece would never arrive: the second is written only after it.
      if (pieces.length < 20) talking[0]?.write(delta(String(pieces.length)));
      else talking[0]?.end('data: [DONE]\n\n');
    }
    expect(pieces).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
  });

  it("cancels the provider's request when the client disconnects", async () => {
    const before = provider.requests.length;
    const answer = ask();
    await answer.next();
    await answer.return?.();
    expect(await provider.requests[before]?.closed).toBeGreaterThan(0);
  });

  it('uses both gateways, and one alone when the other is down', async () => {
    const first = provider.requests.length;
    const stops = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const answer = ask();
        await answer.next();
        return () => answer.return?.();
      }),
    );
    const keys = provider.requests.slice(first).map(({ headers }) => headers.authorization);
    expect(new Set(keys)).toEqual(new Set(['Bearer key-of-one', 'Bearer key-of-two']));
    await Promise.all(stops.map((stop) => stop()));
    await gateways[0]?.stop();
    const second = provider.requests.length;
    for (let count = 0; count < 3; count++) {
      const answer = ask();
      expect((await answer.next()).value?.data?.chatStream.__typename).toBe('CompletionStarted');
      await answer.return?.();
    }
    expect(provider.requests.slice(second).map(({ headers }) => headers.authorization)).toEqual(
      Array(3).fill('Bearer key-of-two'),
    );
  });

  it('takes an image of several megabytes, and serves the page', async () => {
    const answer = ask(`data ${'A'.repeat(6_000_000)}`);
    expect((await answer.next()).value?.data?.chatStream.__typename).toBe('CompletionStarted');
    await answer.return?.();
    expect((await fetch(nginx.url)).headers.get('content-type')).toMatch(/^text\/html/);
  });
});
