import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { preset } from '@graphql-codegen/client-preset';
import { codegen } from '@graphql-codegen/core';
import { buildSchema, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { configFolder } from '../support/gateway-process.ts';
import { send } from '../support/graphql-client.ts';

/** docs/frontends.md, from the first document to the last line of client code, unchanged. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/frontends.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, code = '']) => code);
const [documents = ''] = blocks('graphql');
const [codegenConfig = '', clientCode = ''] = blocks('ts');
const [yaml = ''] = blocks('yaml');

type Client = {
  summarize(text: string): Promise<Record<string, unknown>>;
  reply(question: string): AsyncIterable<{ data?: { chatStream: { __typename: string; text?: string } } | null }>;
};

const browser = callerKey('browser');
const folder = configFolder({});
let gateway: RunningGateway;
let client: Client;

beforeAll(async () => {
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  write('package.json', '{ "type": "module" }');
  write('codegen.ts', codegenConfig);
  await generate();
  const [hash = ''] = /[0-9a-f]{64}/.exec(browser.entry) ?? [];
  gateway = await openGateway({
    yaml: quickSandbox + yaml.replace(/"0{64}"/, `"${hash}"`),
    files: {
      'src/gql/persisted-documents.json': readFileSync(join(folder, 'src/gql/persisted-documents.json'), 'utf8'),
    },
  });
  const code = clientCode.replace('https://parley.example', gateway.url).replace('parley_key', browser.key);
  client = await import(write('src/assistant.ts', code));
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** What the generator's command does with its configuration, without its watcher and loaders. */
async function generate(): Promise<void> {
  const { default: config } = await import(join(folder, 'codegen.ts'));
  const schemaText = readFileSync(join(root, config.schema), 'utf8');
  for (const [baseOutputDir, { presetConfig, config: own }] of Object.entries<Record<string, object>>(
    config.generates,
  )) {
    const outputs = await preset.buildGeneratesSection({
      baseOutputDir,
      schema: parse(schemaText),
      schemaAst: buildSchema(schemaText),
      documents: [{ location: 'src/assistant.graphql', document: parse(documents), rawSDL: documents }],
      config: { ...own },
      presetConfig: { ...presetConfig },
      plugins: [],
      pluginMap: {},
    });
    await Promise.all(outputs.map(async (output) => write(output.filename, await codegen(output))));
  }
}

describe('docs/frontends.md', () => {
  it('shows how a manifest is generated: each document by its hash', () => {
    const list = JSON.parse(readFileSync(join(folder, 'src/gql/persisted-documents.json'), 'utf8'));
    expect(Object.keys(list)).toHaveLength(2);
    expect(Object.values(list).join()).toMatch(/query Summarize.*subscription Reply/s);
  });

  it('shows a query that works', async () => {
    expect(await client.summarize('A long text.')).toEqual({
      __typename: 'Completion',
      text: expect.stringMatching(/sandbox/),
    });
  });

  it('shows a subscription that works', async () => {
    const types: (string | undefined)[] = [];
    let text = '';
    for await (const { data } of client.reply('What is it?')) {
      types.push(data?.chatStream.__typename);
      text += data?.chatStream.text ?? '';
    }
    expect([types[0], types.at(-1)]).toEqual(['CompletionStarted', 'CompletionFinished']);
    expect(text).toMatch(/sandbox/);
  });

  it('lists what the key cannot do', async () => {
    const own =
      '{ chat(input: { model: "openai/gpt-4o-mini", messages: [{ role: USER, content: "x" }] }) { __typename } }';
    const codeOf = ({ errors }: Awaited<ReturnType<typeof send>>) => errors?.[0]?.extensions?.['code'];
    expect(codeOf(await send(gateway.url, { documentId: 'sha256:0' }, browser.key))).toBe('PERSISTED_QUERY_NOT_FOUND');
    expect(codeOf(await send(gateway.url, { query: own }, browser.key))).toBe('PERSISTED_ONLY');
    const rest = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-api-key': browser.key },
    });
    expect([rest.status, await rest.json()]).toMatchObject([403, { error: { code: 'persisted_only' } }]);
  });
});
