import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ForwardProxy, startForwardProxy } from '../support/forward-proxy.ts';
import { quickSandbox } from '../support/gateway.ts';
import { startGateway } from '../support/gateway-process.ts';
import { chat, sseClient, wholeStream } from '../support/graphql-client.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  startProvider,
} from '../support/provider-server.ts';

/** Providers behind a proxy, by the environment variables that curl reads, too. */

const folder = mkdtempSync(join(tmpdir(), 'parley-tls-'));
const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
const openssl = spawnSync('openssl', [
  ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
  ...['-subj', '/CN=secure.provider.test', '-addext', 'subjectAltName=DNS:secure.provider.test'],
  ...['-keyout', key, '-out', certificate],
]);
const hasCertificate = openssl.status === 0;

const input = (provider: string) => ({
  model: `${provider}/m`,
  messages: [{ role: 'USER', content: 'canary-prompt' }],
});
const secretKey = 'sk-canary-7731';

let provider: ProviderServer;
let secure: Server | undefined;
const secureSockets = new Set<Socket>();
let proxy: ForwardProxy;

beforeAll(async () => {
  provider = await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Hi')));
  const ports: Record<string, number> = { 'plain.provider.test': Number(new URL(provider.url).port) };
  if (hasCertificate) {
    secure = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        openAiStream(['Hi'])
          .split(/(?<=\n\n)/)
          .slice(0, 2)
          .join(''),
      );
    });
    secure.on('connection', (socket: Socket) => {
      secureSockets.add(socket);
      socket.once('close', () => secureSockets.delete(socket));
    });
    await new Promise<void>((resolve) => secure?.listen(0, '127.0.0.1', resolve));
    ports['secure.provider.test'] = (secure.address() as AddressInfo).port;
  }
  proxy = await startForwardProxy(ports);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await provider.close();
  secure?.closeAllConnections();
  secure?.close();
});

const providers = (extra = '') => `retries: { max: 0 }
providers:
  plain: { kind: openai-compatible, baseUrl: "http://plain.provider.test/v1", apiKeyEnv: CANARY_KEY }
  secure: { kind: openai-compatible, baseUrl: "https://secure.provider.test/v1", apiKeyEnv: CANARY_KEY }
  unknown: { kind: openai-compatible, baseUrl: "https://unknown.provider.test/v1", apiKeyEnv: CANARY_KEY }
  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }
${extra}`;

describe('a provider behind a proxy', () => {
  it('is reached through HTTP_PROXY, and directly if in NO_PROXY', async () => {
    const env = { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1,localhost', CANARY_KEY: secretKey };
    const gateway = await startGateway({ yaml: providers(), env });
    const before = proxy.asked.length;
    expect(await chat(gateway.url, input('plain'))).toMatchObject({ text: 'Hi' });
    expect(proxy.asked.slice(before)).toEqual(['POST http://plain.provider.test/v1/chat/completions']);
    expect(await chat(gateway.url, input('local'))).toMatchObject({ text: 'Hi' });
    expect(proxy.asked).toHaveLength(before + 1);
    await gateway.stop();
  });

  it.skipIf(!hasCertificate)(
    'is asked through a tunnel for https, which ends with the caller (skipped without openssl)',
    async () => {
      const [scheme, rest] = proxy.url.split('//');
      const gateway = await startGateway({
        yaml: providers(),
        // In the spelling of curl's manual, from .env, and with a password.
        dotEnv: `https_proxy=${scheme}//person:canary-password@${rest}\n`,
        env: { CANARY_KEY: secretKey, NODE_EXTRA_CA_CERTS: certificate },
      });
      const before = proxy.asked.length;
      const told = sseClient(gateway.url).iterate<{ chatStream: { __typename: string } }>({
        query: wholeStream,
        variables: { input: input('secure') },
      });
      for await (const { data } of told) if (data?.chatStream.__typename === 'ContentDelta') break;
      expect(proxy.asked.slice(before)).toEqual(['CONNECT secure.provider.test:443']);
      expect(proxy.credentials[before]).toBe(`Basic ${Buffer.from('person:canary-password').toString('base64')}`);
      while (secureSockets.size > 0) {
        await new Promise((resolve) => [...secureSockets][0]?.once('close', resolve));
      }
      await gateway.stop();
      expect(gateway.output()).not.toMatch(/canary/);
    },
  );

  it('that the proxy cannot reach fails without a password, key or prompt in the message', async () => {
    const [scheme, rest] = proxy.url.split('//');
    const gateway = await startGateway({
      yaml: providers(),
      env: { HTTPS_PROXY: `${scheme}//person:canary-password@${rest}`, CANARY_KEY: secretKey },
    });
    const failure = await chat(gateway.url, input('unknown'));
    expect(failure).toMatchObject({ code: 'UPSTREAM_UNREACHABLE', retryable: true });
    await gateway.stop();
    expect(JSON.stringify(failure) + gateway.output()).not.toMatch(/canary/);
  });

  it('is never the sandbox, which runs in this process', async () => {
    const before = proxy.asked.length;
    const gateway = await startGateway({ yaml: quickSandbox, env: { HTTP_PROXY: proxy.url, HTTPS_PROXY: proxy.url } });
    expect(await chat(gateway.url, { ...input('openai'), model: 'openai/gpt-4o' })).toMatchObject({ isSandbox: true });
    expect(proxy.asked).toHaveLength(before);
    await gateway.stop();
  });
});
