import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { localProvider } from '../support/gateway.ts';
import { runParley, startGateway } from '../support/gateway-process.ts';
import { chat, query } from '../support/graphql-client.ts';
import { openAiAnswer, sendJson, startProvider } from '../support/provider-server.ts';

const input = { messages: [{ role: 'USER', content: 'Hello' }] };

describe('parley', () => {
  it('prints its address, the real providers and a first command, which works', async () => {
    const gateway = await startGateway();
    const output = gateway.output();
    expect(output).toMatch(/^Parley serves http:\/\/127\.0\.0\.1:\d+\/graphql/);
    expect(output).toMatch(/real: +none/);
    expect(output).toMatch(/sandbox: +openai, .*cohere/);
    const command = /^ {2}(curl .*)$/m.exec(output)?.[1] ?? '';
    const answer = JSON.parse(
      execFileSync('sh', ['-c', `${command} -s`], { stdio: ['ignore', 'pipe', 'ignore'] }).toString(),
    );
    expect(answer.data.chat).toMatchObject({ isSandbox: true, text: expect.stringContaining('sandbox') });
    expect(await gateway.stop()).toBe(0);
  });

  it('uses the provider whose key is in .env, and disables the others', async () => {
    await using provider = Object.assign(
      await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Hi'))),
      {
        [Symbol.asyncDispose]: () => provider.close(),
      },
    );
    const gateway = await startGateway({ dotEnv: `OPENAI_API_KEY=k1,k2\nOPENAI_BASE_URL=${provider.url}/v1\n` });
    expect(gateway.output()).toMatch(/real: +openai\n +sandbox: +none/);
    for (const text of ['Hi', 'Hi', 'Hi']) {
      expect(await chat(gateway.url, { ...input, model: 'openai/not-in-the-catalogue' })).toMatchObject({
        text,
        isSandbox: false,
      });
    }
    expect(provider.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer k1',
      'Bearer k2',
      'Bearer k1',
    ]);
    expect(await chat(gateway.url, { ...input, model: 'anthropic/claude-sonnet-4-5' })).toMatchObject({
      code: 'PROVIDER_NOT_CONFIGURED',
    });
    const { data } = await query(
      gateway.url,
      '{ providers { id status } models(filter: { isAvailable: true }) { provider { id } } }',
    );
    expect(data?.['providers']).toContainEqual({ id: 'openai', status: 'READY' });
    expect(data?.['providers']).toContainEqual({ id: 'anthropic', status: 'MISSING_KEY' });
    const models = (data?.['models'] ?? []) as { provider: { id: string } }[];
    expect(new Set(models.map((model) => model.provider.id))).toEqual(new Set(['openai']));
    await gateway.stop();
  });

  it('uses a provider of parley.yaml', async () => {
    const provider = await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Local')));
    const gateway = await startGateway({ yaml: localProvider(provider.url, '').replace('}', ', models: [llama] }') });
    expect(await chat(gateway.url, { ...input, model: 'local/llama' })).toMatchObject({
      text: 'Local',
      provider: 'local',
      isSandbox: false,
    });
    expect(provider.requests[0]).toMatchObject({ path: '/v1/chat/completions', body: { model: 'llama' } });
    expect(provider.requests[0]?.headers.authorization).toBeUndefined();
    const { data } = await query(
      gateway.url,
      '{ model(id: "local/llama") { id isAvailable provider { name status } } }',
    );
    expect(data?.['model']).toMatchObject({ isAvailable: true, provider: { name: 'local', status: 'READY' } });
    await gateway.stop();
    await provider.close();
  });

  it.each([
    ['is not loaded where a provider is real', { OPENAI_API_KEY: 'k' }, false],
    ['is loaded for the sandbox', {}, true],
  ])('aimock %s', async (_when, env, isLoaded) => {
    const preload = new URL('../support/report-loaded.ts', import.meta.url);
    const gateway = await startGateway({ env: { ...env, NODE_OPTIONS: `--import=${preload}` } });
    expect(gateway.output()).toMatch(/^loaded file:.*\/assemble\.ts$/m);
    expect(gateway.output().includes('@copilotkit/aimock')).toBe(isLoaded);
    await gateway.stop();
  });

  it('drains at the first signal, and exits at once at a second one of any kind', async () => {
    const provider = await startProvider((_request, response) => void response.writeHead(200).flushHeaders());
    const gateway = await startGateway({ yaml: localProvider(provider.url) });
    const asking = chat(gateway.url, { ...input, model: 'local/x' }).catch(() => {});
    await provider.received(1);
    const ended = once(gateway.child, 'exit');
    gateway.child.kill('SIGTERM');
    while (!gateway.output().includes('Stopping')) await once(gateway.child.stdout ?? gateway.child, 'data');
    gateway.child.kill('SIGINT');
    expect(await ended).toEqual([1, null]);
    await asking;
    await provider.close();
  });

  it('--check validates and exits', async () => {
    expect(await runParley({ args: ['--check'], env: { XAI_API_KEY: 'k' } })).toEqual({
      code: 0,
      output: 'The configuration is valid. Would listen on 127.0.0.1:0; real providers: xai.\n',
    });
    expect(await runParley({ args: ['--check'], yaml: 'server: { port: no }' })).toEqual({
      code: 1,
      output: expect.stringMatching(/^The configuration is not valid:\n {2}parley\.yaml:1: server\.port: /),
    });
  });

  it('refuses to start with an invalid configuration', async () => {
    const { code, output } = await runParley({ env: { HOST: '0.0.0.0', OPENAI_BASE_URL: 'nonsense' } });
    expect(code).toBe(1);
    expect(output).toMatch(/HOST: .*\n? *.*OPENAI_BASE_URL|OPENAI_BASE_URL: .*\n.*HOST: /);
    expect(output).not.toMatch(/ at .*\.ts/);
  });

  it('reports that its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const { code, output } = await runParley({ env: { PORT: port } });
    expect([code, output]).toEqual([
      1,
      `Port ${port} on 127.0.0.1 is in use. Stop the process that uses it, or set PORT to another one.\n`,
    ]);
    other.close();
  });

  it('makes a key for a caller, which works with the lines it prints', async () => {
    const { code, output } = await runParley({ args: ['keys', 'new', 'web'] });
    expect(code).toBe(0);
    const [key = ''] = /parley_[0-9a-f]{8}_[\w-]{43}/.exec(output) ?? [];
    const yaml = output.slice(output.indexOf('callers:'));
    expect(yaml).not.toContain(key);
    const gateway = await startGateway({ yaml });
    expect(gateway.output()).toMatch(/^ {2}callers: {2}web$/m);
    expect(gateway.output()).not.toMatch(/GraphiQL/);
    const command = /^ {2}(curl .*)$/m.exec(gateway.output())?.[1] ?? '';
    const run = (env: object) =>
      execFileSync('sh', ['-c', `${command} -s`], { env: { ...process.env, ...env } }).toString();
    expect(JSON.parse(run({ KEY: key }))).toMatchObject({ data: { chat: { isSandbox: true } } });
    expect(JSON.parse(run({ KEY: `${key}x` }))).toMatchObject({
      errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect(gateway.output()).not.toContain(key);
    expect((await runParley({ args: ['keys', 'new', 'web'] })).output).not.toContain(key);
    await gateway.stop();
  });

  it('refuses an invalid name of a caller', async () => {
    expect(await runParley({ args: ['keys', 'new', 'a b'] })).toEqual({
      code: 1,
      output: 'Name a caller with letters, digits, ".", "_" and "-".\n',
    });
    for (const args of [['keys'], ['keys', 'new'], ['keys', 'new', 'a', 'b'], ['keys', 'old', 'a']]) {
      expect(await runParley({ args })).toEqual({ code: 1, output: 'Usage: parley keys new NAME\n' });
    }
  });

  it('refuses unknown arguments', async () => {
    expect(await runParley({ args: ['serv'] })).toEqual({ code: 1, output: 'Unknown command: serv\n' });
    expect((await runParley({ args: ['--chek'] })).output).toMatch(/^Unknown option '--chek'/);
    expect((await runParley({ args: ['--help'] })).output).toMatch(/Usage: parley/);
  });
});

const oldNode = ['/usr/bin/node', '/usr/local/bin/node'].find((path) => {
  const { stdout } = spawnSync(path, ['-p', 'process.versions.node']);
  return stdout && Number(stdout.toString().split('.')[0]) < 22;
});

describe.skipIf(!oldNode)('an old Node (skipped where the system has none)', () => {
  it('is refused in one sentence', () => {
    const entry = fileURLToPath(new URL('../../src/parley.js', import.meta.url));
    const { status, stderr } = spawnSync(oldNode ?? '', [entry]);
    expect(status).toBe(1);
    expect(stderr.toString()).toMatch(/^Parley needs Node 22\.19 or newer, and this is Node \d+\.\d+\.\d+\. .*\n$/);
  });
});
