import { execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { transformAsync } from '@babel/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { snippetsOf, writeSnippets } from '../support/doc-snippets.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

/** Runs the examples of docs/typed-clients.md as they are, with the compilers that they name. */

const run = promisify(execFile);
const here = fileURLToPath(new URL('./', import.meta.url));
const page = 'docs/typed-clients.md';
const snippets = snippetsOf(page);
const configs = [...readFileSync(join(here, '../..', page), 'utf8').matchAll(/^```json\n(.*?)^```$/gms)].map(
  ([, json]) => json ?? '',
);

type Ask = (
  model: string,
  question: string,
  show: (text: string) => void,
  signal: AbortSignal,
) => Promise<{ readonly finishReason: string; readonly usage: { readonly outputTokens: number | null } | null }>;
type Module = { readonly ask: Ask; readonly modelsOf?: (provider: string) => Promise<string[]> };

/** A user's project in a folder that finds the packages of these tests, and those of the repository behind them. */
async function createProject(names: readonly string[], url: string): Promise<string> {
  const folder = mkdtempSync(join(here, '.recipe-'));
  copyFileSync(join(here, '../../schema.graphql'), join(folder, 'schema.graphql'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  const own = new Map([...snippets].filter(([name]) => names.includes(name)));
  expect(own.size).toBe(names.length);
  writeSnippets(folder, '.', own, url);
  return folder;
}

async function checkTypes(folder: string, more: object = {}): Promise<void> {
  const compilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, target: 'es2024', module: 'nodenext' },
    ...{ types: ['node'], lib: ['es2024', 'dom'], allowImportingTsExtensions: true, ...more },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const compiler = join(here, '../../node_modules/.bin/tsc');
  await run(compiler, ['--pretty', 'false', '-p', folder]).catch(({ stdout }) => expect.fail(stdout));
}

const folders: string[] = [];
let provider: ProviderServer;
let gateway: RunningGateway;
let sandbox: RunningGateway;

beforeAll(async () => {
  provider = await startProvider((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const delta = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
    const talk = setInterval(() => response.write(delta), 20);
    response.once('close', () => clearInterval(talk));
  });
  [gateway, sandbox] = await Promise.all([
    openGateway({ yaml: localProvider(provider.url) }),
    openGateway({ yaml: quickSandbox }),
  ]);
});
afterAll(async () => {
  for (const folder of folders) rmSync(folder, { recursive: true });
  await gateway?.[Symbol.asyncDispose]();
  await sandbox?.[Symbol.asyncDispose]();
  await provider?.close();
});

async function relay(url: string): Promise<Module> {
  const folder = await createProject(['relay-environment.ts', 'ask-relay.ts'], url);
  folders.push(folder);
  writeFileSync(join(folder, 'relay.config.json'), configs[0] ?? '');
  await run(join(here, 'node_modules/.bin/relay-compiler'), ['relay.config.json'], { cwd: folder });
  await checkTypes(folder);
  const file = join(folder, 'ask-relay.ts');
  const plugins = ['@babel/plugin-syntax-typescript', ['relay', JSON.parse(configs[0] ?? '{}')] as [string, object]];
  const built = await transformAsync(readFileSync(file, 'utf8'), { filename: file, cwd: folder, plugins });
  // Babel's plugin leaves the ending out, which bundlers find by themselves.
  writeFileSync(file, (built?.code ?? '').replaceAll('.graphql"', '.graphql.ts"'));
  return import(pathToFileURL(file).href);
}

async function tada(url: string): Promise<Module> {
  const folder = await createProject(['tada.ts', 'ask-tada.ts'], url);
  folders.push(folder);
  writeFileSync(join(folder, 'tsconfig.json'), configs[1] ?? '');
  await run(join(here, 'node_modules/.bin/gql.tada'), ['generate-output'], { cwd: folder });
  await checkTypes(folder);
  return import(pathToFileURL(join(folder, 'ask-tada.ts')).href);
}

describe.each([
  ['Relay', relay],
  ['gql.tada', tada],
] as const)('docs/typed-clients.md with %s', (_name, build) => {
  it('tells answers from failures', async () => {
    const { ask, modelsOf } = await build(sandbox.url);
    const { signal } = new AbortController();
    const pieces: string[] = [];
    const finished = await ask('openai/gpt-4o', 'Hello', (text) => pieces.push(text), signal);
    expect(pieces.join('')).toMatch(/^Hello from Parley's sandbox.*model\.$/s);
    expect(finished).toMatchObject({ finishReason: 'STOP', usage: { outputTokens: expect.any(Number) } });
    await expect(ask('nobody/x', 'Hello', () => {}, signal)).rejects.toThrow(/^UNKNOWN_PROVIDER: /);
    if (modelsOf) expect(await modelsOf('ai21')).toContainEqual(expect.stringMatching(/^ai21\//));
  }, 60_000);

  it('stops the model', async () => {
    const { ask } = await build(gateway.url);
    const controller = new AbortController();
    const before = provider.requests.length;
    const asked = ask('local/x', 'Hello', () => controller.abort(new Error('left')), controller.signal);
    await expect(asked).rejects.toThrow('left');
    await provider.requests.at(-1)?.closed;
    expect(provider.requests.length).toBe(before + 1);
  }, 60_000);
});
