import { once } from 'node:events';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway } from '../support/gateway.ts';
import { type GatewayProcess, type GatewaySettings, startGateway } from '../support/gateway-process.ts';
import { chat, query, type StreamEvent, sseClient, streamed, wholeStream } from '../support/graphql-client.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  startProvider,
} from '../support/provider-server.ts';

/** Applying new settings at run time, by a change of the file or by SIGHUP. */

let providers: readonly ProviderServer[];
/** Lets streams of "held" end. */
const finish = Promise.withResolvers<void>();

/** Answers with its name. */
function startNamed(name: string): Promise<ProviderServer> {
  return startProvider(async ({ body }, response) => {
    if (body['model'] === 'down') return sendJson(response, 500, { error: { message: 'Oops' } });
    if (!body['stream']) return sendJson(response, 200, openAiAnswer(name));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const [start = '', word = '', ...rest] = openAiStream([name]).split(/(?<=\n\n)/);
    response.write(start + word);
    if (body['model'] === 'held') await finish.promise;
    response.end(rest.join(''));
  });
}

beforeAll(async () => {
  providers = await Promise.all(['first', 'second'].map(startNamed));
});
afterAll(async () => {
  await Promise.all(providers.map((provider) => provider.close()));
});

async function start(settings: GatewaySettings): Promise<GatewayProcess & AsyncDisposable> {
  const gateway = await startGateway(settings);
  return { ...gateway, [Symbol.asyncDispose]: async () => void gateway.child.kill('SIGKILL') };
}

/** `more` is appended to parley.yaml. */
function to(place: 0 | 1, more = ''): string {
  return localProvider(providers[place]?.url ?? '', more);
}

const input = { model: 'local/quick', messages: [{ role: 'USER', content: 'Hello' }] };
const answerer = async ({ url }: { readonly url: string }) => (await chat(url, input))['text'];

async function told({ output, child }: GatewayProcess, words: string, times = 1): Promise<void> {
  while (output().split(words).length <= times) await once(child.stdout ?? child, 'data');
}

/** A rename is atomic: readers see the old file or the new one. */
function replaceFile({ folder }: { readonly folder: string }, text: string, name = 'parley.yaml'): void {
  writeFileSync(join(folder, `${name}.new`), text);
  renameSync(join(folder, `${name}.new`), join(folder, name));
}

const hold = 'configuration reloaded';
const stay = 'keeping the previous one';

describe('a gateway whose configuration file changes', () => {
  it('applies the new settings, while running streams keep the old ones; invalid ones change nothing', async () => {
    const own = await startNamed('first');
    await using gateway = await start({ yaml: localProvider(own.url, 'logLevel: info\n') });
    const events: StreamEvent[] = [];
    const results = sseClient(gateway.url).iterate<{ chatStream: StreamEvent }>({
      query: wholeStream,
      variables: { input: { ...input, model: 'local/held' } },
    });
    const next = async () => {
      const { value } = await results.next();
      if (value?.data) events.push(value.data.chatStream);
    };
    for (const _ of ['its start', 'its content']) await next();

    replaceFile(gateway, `${to(1)}server:\n  maxBodyBytes: many\ntimeout: {}\n`);
    await told(gateway, stay);
    const lines = gateway.output().split('\n');
    const line = JSON.parse(lines.find((one) => one.includes(stay)) ?? '');
    expect(line).toMatchObject({ level: 50 });
    expect(line.problems).toEqual([
      expect.stringMatching(/^parley\.yaml:\d+: server\.maxBodyBytes: /),
      expect.stringMatching(/^parley\.yaml:\d+: timeout: Unknown setting\. Did you mean "timeouts"\?$/),
    ]);
    expect(await answerer(gateway)).toBe('first');

    replaceFile(gateway, to(1, 'logLevel: error\n'));
    await told(gateway, hold);
    const callsTold = gateway.output().split('"code":"OK"').length;
    expect(await answerer(gateway)).toBe('second');
    expect(await streamed(gateway.url, input)).toContainEqual({ __typename: 'ContentDelta', text: 'second' });
    expect(own.open.size).toBeGreaterThan(0);
    finish.resolve();
    for (const _ of ['its finish', 'its end']) await next();
    expect(events.map(({ __typename, text }) => text ?? __typename)).toEqual([
      'CompletionStarted',
      'first',
      'CompletionFinished',
    ]);
    // The connections of the previous settings are closed.
    for (const socket of own.open) await once(socket, 'close');
    await own.close();
    await gateway.stop();
    expect(gateway.output().split('"code":"OK"')).toHaveLength(callsTold);
  });

  it('notices every way of replacing the file, and only complete files', async () => {
    await using gateway = await start({
      files: { 'mount/..1/parley.yaml': to(0), 'mount/..2/parley.yaml': to(1) },
      env: { PARLEY_CONFIG: 'mount/parley.yaml' },
      // Kubernetes mounts a file by two symlinks, and replaces that of the folder.
      links: { 'mount/..data': '..1', 'mount/parley.yaml': '..data/parley.yaml' },
    });
    expect(await answerer(gateway)).toBe('first');
    const mount = join(gateway.folder, 'mount');
    symlinkSync('..2', join(mount, '..data_tmp'));
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'));
    await told(gateway, hold);
    expect(await answerer(gateway)).toBe('second');

    const text = to(0);
    for (let part = 0; part <= 8; part++) {
      // Slower than the interval at which the file is checked.
      await sleep(100);
      writeFileSync(join(mount, '..2/parley.yaml'), text.slice(0, (text.length * part) / 8));
    }
    await told(gateway, hold, 2);
    expect(await answerer(gateway)).toBe('first');
    expect(gateway.output()).not.toContain(stay);
  });

  it('reloads on SIGHUP too, with the keys of .env, which are never logged', async () => {
    const dotEnv = `OPENAI_API_KEY=sk-canary-one\nOPENAI_BASE_URL=${providers[0]?.url}\n`;
    await using gateway = await start({ dotEnv });
    replaceFile(gateway, dotEnv.replace('one', 'two'), '.env');
    gateway.child.kill('SIGHUP');
    await told(gateway, hold);
    expect(await chat(gateway.url, { ...input, model: 'openai/gpt-4o' })).toMatchObject({ text: 'first' });
    const keys = providers[0]?.requests.map(({ headers }) => headers.authorization);
    expect(keys).toContain('Bearer sk-canary-two');
    expect(keys).not.toContain('Bearer sk-canary-one');
    replaceFile(gateway, dotEnv.replace('sk-canary-one', 'sk canary'), '.env');
    gateway.child.kill('SIGHUP');
    await told(gateway, stay);
    expect(gateway.output()).not.toContain('canary');
  });
});

describe('new settings', () => {
  it('warn about settings that need a restart', async () => {
    await using gateway = await openGateway({ yaml: to(0) });
    replaceFile(gateway, to(1, 'server: { port: 1, host: 127.0.0.2 }\nmetrics: { port: 0 }\n'));
    await gateway.reload();
    expect(gateway.log.at(-1)).toMatchObject({
      level: 'warn',
      fields: { settings: ['server.host', 'metrics'] },
    });
    expect(await answerer(gateway)).toBe('second');
    expect((await fetch(`${gateway.url}/metrics`)).status).toBe(200);
  });

  it('that would allow anonymous access on a public address are refused', async () => {
    const callers = `callers: [{ name: web, sha256: "${'ab'.repeat(32)}" }]\n`;
    await using gateway = await openGateway({ yaml: to(0, `server: { host: 0.0.0.0 }\n${callers}`) });
    replaceFile(gateway, to(1, `server: { host: 127.0.0.1 }\n`));
    await gateway.reload();
    expect(gateway.log.at(-1)).toMatchObject({
      level: 'error',
      fields: { problems: [expect.stringMatching(/has no callers any more, which would remove authentication/)] },
    });
    const url = gateway.url.replace('0.0.0.0', '127.0.0.1');
    expect((await query(url, '{ __typename }')).status).toBe(401);
  });

  it('are not applied when the file is missing', async () => {
    await using gateway = await openGateway({ yaml: to(0) });
    rmSync(join(gateway.folder, 'parley.yaml'));
    await gateway.reload();
    const fields = { problems: ['parley.yaml no longer exists'] };
    expect(gateway.log).toEqual([{ level: 'error', fields, message: expect.stringContaining(stay) }]);
    expect(await answerer(gateway)).toBe('first');
  });

  it('keep counters and state: limits, breakers, usage and metrics', async () => {
    const yaml = `providers:\n  local: { kind: openai-compatible, baseUrl: "${providers[0]?.url}/v1" }\nbreaker: { failures: 1 }\nretries: { max: 0 }\n`;
    await using gateway = await openGateway({ yaml: `${yaml}limits: { requestsPerMinute: 3 }\n` });
    const down = { ...input, model: 'local/down' };
    expect(await chat(gateway.url, down)).toMatchObject({ code: 'UPSTREAM_ERROR' });
    expect(await answerer(gateway)).toBe('first');
    replaceFile(gateway, `${yaml}limits: { requestsPerMinute: 3, maxOutputTokens: 100 }\n`);
    await gateway.reload();
    expect(await chat(gateway.url, down)).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE' });
    expect(await chat(gateway.url, input)).toMatchObject({ code: 'RATE_LIMITED' });
    expect(providers[0]?.requests.filter(({ body }) => body['model'] === 'down')).toHaveLength(1);
    const { data } = await query(gateway.url, '{ usage(by: PROVIDER) { rows { name requests } } }');
    expect(data).toEqual({ usage: { rows: [{ name: 'local', requests: 4 }] } });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/parley_open_breakers\{[^}]*parley_key="local"[^}]*\} 1/);
    expect(metrics.match(/^gen_ai_server_request_duration_seconds_count.*$/gm)).toHaveLength(4);
  });

  it('reset a provider whose keys or rules changed, and remove one that is gone', async () => {
    const yaml = `providers:\n  local: { kind: openai-compatible, baseUrl: "${providers[0]?.url}/v1" }\nretries: { max: 0 }\n`;
    await using gateway = await openGateway({ yaml: `${yaml}breaker: { failures: 1 }\n` });
    const down = { ...input, model: 'local/down' };
    for (const code of ['UPSTREAM_ERROR', 'UPSTREAM_UNAVAILABLE']) {
      expect(await chat(gateway.url, down)).toMatchObject({ code });
    }
    replaceFile(gateway, `${yaml}breaker: { failures: 2 }\n`);
    await gateway.reload();
    expect(await chat(gateway.url, down)).toMatchObject({ code: 'UPSTREAM_ERROR' });
    replaceFile(gateway, yaml.replace('local:', 'other:'));
    await gateway.reload();
    expect(await chat(gateway.url, down)).toMatchObject({ code: 'UNKNOWN_PROVIDER' });
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics.match(/^parley_open_breakers.*$/gm)).toEqual([expect.stringContaining('"other"')]);
  });
});
