import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { chat } from '../support/graphql-client.ts';
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { complete } from '../support/rest-client.ts';

/**
 * Images are the only URLs in a request. Sixty of them point to internal addresses, in the spellings of attackers; the gateway
 * is configured to fetch images, and every connection of this process is recorded.
 */

let trap: Server;
let trapped = 0;
let provider: ProviderServer;
let gateway: RunningGateway;
/** Addresses to which connections were made. */
const reached = new Set<string>();
const watch = (message: unknown) => {
  const { socket } = message as { socket: Socket };
  socket.once('connect', () => reached.add(`${socket.remoteAddress}:${socket.remotePort}`));
};

beforeAll(async () => {
  trap = createServer((socket) => {
    trapped += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => trap.listen(0, resolve));
  provider = await startProvider((_request, response) =>
    sendJson(response, 200, { candidates: [{ content: { parts: [{ text: 'A cat' }] }, finishReason: 'STOP' }] }),
  );
  gateway = await openGateway({
    yaml: 'images: { fetch: true }\n',
    env: { GOOGLE_API_KEY: 'canary-key', GOOGLE_BASE_URL: provider.url },
  });
  subscribe('net.client.socket', watch);
});
afterAll(async () => {
  unsubscribe('net.client.socket', watch);
  await gateway[Symbol.asyncDispose]();
  await provider.close();
  trap.close();
});

/** Hosts that are this machine, its network or its cloud, in every spelling that some URL parser accepts. */
const inside = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.0.0.1.', '127.255.255.254', '0.0.0.0', '0', '0.0', '0x0'],
  ...['2130706433', '0x7f000001', '0x7f.0.0.1', '0x7f.1', '017700000001', '0177.0.0.1', '0177.1', '127.0x0.0.01'],
  ...['①②⑦.⓪.⓪.①', '127。0。0。1', '127%2e0%2e0%2e1', '%31%32%37.0.0.1'],
  ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', 'localhost.localdomain', hostname()],
  ...['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '192.168.1.1', '100.64.0.1'],
  ...['169.254.169.254', '169.254.170.2', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '[fd00:ec2::254]'],
  ...['metadata.google.internal', 'metadata.google.internal.', 'printer.local', 'router.home.arpa'],
  ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]'],
  ...['[64:ff9b::7f00:1]', '[64:ff9b::169.254.169.254]', '[2002:7f00:1::]', '[2001:0:7f00:1::]'],
  ...['[fe80::1]', '[fc00::1]', '[ff02::1]', '224.0.0.1', '255.255.255.255', '198.18.0.1'],
];

describe('the address of an image', () => {
  it('has sixty internal spellings in this test', () => {
    expect(new Set(inside).size).toBeGreaterThanOrEqual(60);
  });

  it.each(inside)('is refused for %s on both faces', async (host) => {
    const { port } = trap.address() as AddressInfo;
    for (const url of [`https://${host}:${port}/cat.png`, `https://user:pass@${host}:${port}/`]) {
      const parts = [{ text: 'What is this?' }, { image: { url } }];
      const answer = await chat(gateway.url, { model: 'google/gemini-2.5-flash', messages: [{ role: 'USER', parts }] });
      expect(answer).toMatchObject({ __typename: 'ChatFailure', code: 'INVALID_REQUEST', retryable: false });
      const content = [{ type: 'image_url', image_url: { url } }];
      const { status, body } = await complete(gateway.url, {
        model: 'google/gemini-2.5-flash',
        messages: [{ role: 'user', content }],
      });
      expect([status, body['error']]).toMatchObject([400, { code: 'invalid_request' }]);
    }
  });

  it('caused no connection but those of callers and to the configured provider', async () => {
    expect(trapped).toBe(0);
    expect(provider.requests).toHaveLength(0);
    // Without an image the provider is reached, so connections are recorded.
    const input = { model: 'google/gemini-2.5-flash', messages: [{ role: 'USER', content: 'Hello' }] };
    expect(await chat(gateway.url, input)).toMatchObject({ text: 'A cat' });
    const known = [gateway.url, provider.url].map((url) => new URL(url).host);
    expect([...reached].sort()).toEqual(known.sort());
  });
});
