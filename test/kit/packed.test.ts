import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../support/gateway.ts';

/** What `npm pack` makes of the packages, in an empty project: the examples of their documentation compile there, and run. */

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));

let project: string;
let sandbox: RunningGateway;
beforeAll(async () => {
  sandbox = await openGateway({ yaml: 'sandbox: { firstTokenMs: 0, tokensPerSecond: 0 }\n' });
  project = mkdtempSync(join(tmpdir(), 'parley-packed-'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module", "private": true }');
  const packed: string[] = [];
  for (const name of ['client', 'react', 'vue', 'svelte', 'ai-sdk', 'ag-ui']) {
    const pack = ['pack', '--json', '--pack-destination', project];
    const { stdout } = await run('npm', pack, { cwd: join(root, 'packages', name) });
    packed.push(join(project, JSON.parse(stdout)[0].filename));
  }
  await run('npm', ['install', '--offline', '--legacy-peer-deps', ...packed], { cwd: project });
  for (const name of ['zod', 'react', 'vue', '@vue', 'ai', '@ag-ui', 'rxjs', '@types']) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
}, 60_000);
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]();
  rmSync(project, { recursive: true });
});

const readme = readFileSync(join(root, 'packages/client/README.md'), 'utf8');
const examples = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = '']) => code);

it('compiles the examples of the documentation, and runs those of its README', async () => {
  expect(examples.length).toBe(2);
  const files = examples.map((code, index) => {
    const file = join(project, `example-${index}.ts`);
    writeFileSync(file, code.replaceAll('http://127.0.0.1:4000', sandbox.url));
    return file;
  });
  const [chat = ''] = /(?<=^```tsx\n).*?(?=^```$)/ms.exec(readFileSync(join(root, 'docs/frontends.md'), 'utf8')) ?? [];
  expect(chat).toContain('useChat');
  const bindings = join(project, 'bindings.ts');
  writeFileSync(
    bindings,
    `import { ParleyAgent } from 'parley-ag-ui';
import { createParleyTransport } from 'parley-ai-sdk';
import { createParley } from 'parley-client';
import { createChatStore } from 'parley-svelte';
import { useChat } from 'parley-vue';
const options = { parley: createParley({ url: '/graphql' }), model: 'openai/gpt-4o' };
export const all = [new ParleyAgent(options), createParleyTransport(options), createChatStore(options), () => useChat(options).state.value.status];
`,
  );
  const tsx = join(project, 'chat.tsx');
  writeFileSync(tsx, chat);
  const config = {
    compilerOptions: {
      strict: true,
      skipLibCheck: true,
      module: 'nodenext',
      target: 'es2024',
      noEmit: true,
      types: ['node'],
      lib: ['es2024', 'dom'],
      jsx: 'react-jsx',
    },
    files: [...files, tsx, bindings],
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
  await run(join(root, 'node_modules/.bin/tsc'), ['-p', project]).catch(({ stdout }) => expect.fail(stdout));
  const [first, second] = await Promise.all(
    files.map(async (file) => (await run(process.execPath, [file], { cwd: project })).stdout),
  );
  expect(first?.split('\n').length).toBeGreaterThan(2);
  expect(second).toMatch(/^.+\n/);
});
