import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatInput } from '../../packages/client/src/client.ts';
import { type SampleName, samplesOf, shortened } from '../../src/page/client/code-samples.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

/** What the page shows under "Code", run as a developer would run it. */

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const image =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const requests: Readonly<Record<string, ChatInput>> = {
  'a question': {
    model: 'openai/gpt-4o',
    systemMessage: 'Be "brief".\nIt\'s late.',
    messages: [{ role: 'USER', content: "What's `new` in $this \\ world?\n“Really”" }],
    temperature: 0.5,
    maxTokens: 200,
    requestId: 'never shown',
  },
  'a conversation with an image, tools and a schema': {
    model: 'openai/gpt-4o',
    messages: [
      { role: 'USER', parts: [{ text: 'What is this?' }, { image: { url: image } }] },
      { role: 'ASSISTANT', content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: '{"at":"it"}' }] },
      { role: 'TOOL', toolCallId: 'call_1', content: 'a dot' },
    ],
    tools: [
      { name: 'look', description: 'Looks', parameters: { type: 'object', properties: { at: { type: 'string' } } } },
    ],
    responseFormat: {
      jsonSchema: { name: 'answer', schema: { type: 'object', properties: { 'a b': { type: 'string' } } } },
    },
  },
};

const web = callerKey('web');

describe.each(Object.entries(requests))('the code of %s', (_name, input) => {
  let gateway: RunningGateway;
  const folder = mkdtempSync(join(tmpdir(), 'parley-code-'));
  const env = { ...process.env, PARLEY_KEY: web.key };
  const codeOf = (name: SampleName) =>
    samplesOf(input, { origin: gateway.url, needsKey: true })[name].map(({ code }) => code);

  beforeAll(async () => {
    gateway = await openGateway({ yaml: `${quickSandbox}${callersYaml(web)}` });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'dir');
  });
  afterAll(async () => {
    await gateway?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });

  it('runs as GraphQL', async () => {
    const [query = '', variables = ''] = codeOf('GraphQL');
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', authorization: `Bearer ${web.key}` },
      body: JSON.stringify({ query, variables: JSON.parse(variables) }),
    });
    expect(await response.text()).toContain('"finishReason":"STOP"');
  });

  it('runs in a shell', async () => {
    const [code = ''] = codeOf('curl');
    const { stdout } = await run('sh', ['-c', code], { env });
    expect(stdout).toContain('"finishReason":"STOP"');
  });

  it.each(['parley-client', 'OpenAI SDK'] as const)('runs with %s', async (name) => {
    const [code = ''] = codeOf(name);
    const file = join(folder, `${name.replace(' ', '-')}.ts`);
    writeFileSync(file, code);
    const { stdout } = await run(process.execPath, ['--conditions=parley-source', file], { env });
    expect(stdout.length).toBeGreaterThan(1);
  });

  it('has the types of each library, React included', async () => {
    writeFileSync(join(folder, 'react.tsx'), codeOf('React')[0] ?? '');
    writeFileSync(join(folder, 'client.ts'), codeOf('parley-client')[0] ?? '');
    writeFileSync(join(folder, 'openai.ts'), codeOf('OpenAI SDK')[0] ?? '');
    const compilerOptions = {
      ...{ strict: true, noEmit: true, skipLibCheck: true, module: 'nodenext', target: 'es2024', jsx: 'react-jsx' },
      ...{ types: ['node', 'react'], customConditions: ['parley-source'], allowImportingTsExtensions: true },
    };
    const files = ['react.tsx', 'client.ts', 'openai.ts'];
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    await run(join(root, 'node_modules/.bin/tsc'), ['--pretty', 'false', '-p', folder]).catch(({ stdout }) =>
      expect.fail(stdout),
    );
  });

  it('has neither the key nor the id of the request', () => {
    const all = JSON.stringify(samplesOf(input, { origin: gateway.url, needsKey: true }));
    expect(all).not.toContain('never shown');
    expect(all).not.toContain(web.key);
  });
});

it('shows long data URLs shortened', () => {
  const code = `{ url: '${image}${'A'.repeat(5_000)}' }`;
  expect(shortened(code)).toMatch(/^\{ url: 'data:image\/png;base64,iVBORw0KGgoAAAANSUhEUgAA…(==A*)?' \}$/);
});
