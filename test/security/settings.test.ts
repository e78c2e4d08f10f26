import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isPublicUrl } from '../../src/upstream/public-address.ts';
import { callerKey, callersYaml, type TestKey } from '../support/caller-keys.ts';
import { localProvider } from '../support/gateway.ts';
import { runParley, startGateway } from '../support/gateway-process.ts';
import { openAiAnswer, sendJson, startProvider } from '../support/provider-server.ts';

describe('a reload', () => {
  it.each([
    ['empty', ''],
    ['a comment alone', '# to do\n'],
    ['without its callers', 'logLevel: info\n'],
  ])('never removes authentication: a file that is %s is refused', async (_what, text) => {
    const web = callerKey('web');
    const gateway = await startGateway({ yaml: callersYaml(web) });
    try {
      writeFileSync(join(gateway.folder, 'parley.yaml'), text);
      gateway.child.kill('SIGHUP');
      await expect.poll(() => gateway.output()).toContain('invalid configuration; keeping the previous one');
      const { status } = await fetch(`${gateway.url}/v1/models`);
      expect(status).toBe(401);
    } finally {
      await gateway.stop();
    }
  });

  it('ends the running streams of a key that was withdrawn', async () => {
    const [kept, withdrawn] = [callerKey('kept'), callerKey('withdrawn')];
    const provider = await startProvider(({ body }, response) => {
      if (!body['stream']) return sendJson(response, 200, openAiAnswer('Hi'));
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n');
    });
    const yaml = (...keys: readonly TestKey[]) => localProvider(provider.url) + callersYaml(...keys);
    const gateway = await startGateway({ yaml: yaml(kept, withdrawn) });
    try {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${withdrawn.key}` },
        body: JSON.stringify({ model: 'local/a', stream: true, messages: [{ role: 'user', content: 'Hello' }] }),
      });
      const text = response.text();
      writeFileSync(join(gateway.folder, 'parley.yaml'), yaml(kept));
      gateway.child.kill('SIGHUP');
      expect(await text).toMatch(/CANCELLED|withdrawn/);
    } finally {
      await gateway.stop();
      await provider.close();
    }
  });
});

it('rejects a public key as the secret of JWTs', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const jwt = 'jwt: { secretEnv: JWT_SECRET, issuer: "https://sign-in.example/", audience: parley }\n';
  for (const secret of [pem, pem.trim(), JSON.stringify(publicKey.export({ format: 'jwk' }))]) {
    const { code, output } = await runParley({ yaml: jwt, env: { JWT_SECRET: secret } });
    expect([code, output]).toEqual([1, expect.stringContaining('JWT_SECRET')]);
  }
});

it('recognizes addresses that no provider may be asked to fetch', () => {
  for (const url of [
    'https://169.254.169.254/latest',
    'https://168.63.129.16/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://user:pass@example.com/a.png',
    'https://metadata.google.internal/',
    'https://printer.local/',
    'not a url',
  ]) {
    expect([url, isPublicUrl(url)]).toEqual([url, false]);
  }
  expect(isPublicUrl('https://example.com/a.png')).toBe(true);
});
