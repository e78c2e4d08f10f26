import { type ExecFileException, execFile } from 'node:child_process';
import { copyFileSync, cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, openBrowser } from '../support/browser.ts';
import { createProject, snippetsOf, writeSnippets } from '../support/doc-snippets.ts';
import { localProvider } from '../support/gateway.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

/** Runs the examples of docs/clients.md unchanged. */

const snippets = snippetsOf('docs/clients.md');
const run = promisify(execFile);

type Story = { pieces: string[]; finished?: { finishReason: string; usage: object }; failed?: string };

/** Asks once and reports the result, with any of the clients, in Node and in a browser. */
const tell = `async function tell(ask, model, leaves) {
  const stop = new AbortController();
  const pieces = [];
  const leave = () => stop.abort(new Error('left'));
  const show = (text) => {
    pieces.push(text);
    if (leaves === 'show') leave();
    if (leaves === 'timer' && pieces.length === 1) setTimeout(leave, 50);
  };
  if (leaves === 'before the first event') setTimeout(leave, 150);
  try {
    const finished = await ask(model, 'Hello', show, stop.signal);
    if (leaves === 'after the last event') leave();
    return { pieces, finished };
  } catch (failure) {
    return { pieces, failed: String(failure) };
  }
}`;

/** One case for each duty of a client, with the kind of gateway that it is tested against. */
const questions = {
  answered: { at: 'sandboxed', model: 'openai/gpt-4o', leaves: false },
  refused: { at: 'sandboxed', model: 'nobody/x', leaves: false },
  left: { at: 'real', model: 'local/endless', leaves: 'show' },
  leftByTimer: { at: 'real', model: 'local/endless', leaves: 'timer' },
  leftBefore: { at: 'real', model: 'local/silent', leaves: 'before the first event' },
  leftAfter: { at: 'sandboxed', model: 'openai/gpt-4o', leaves: 'after the last event' },
  broken: { at: 'broken', model: 'breaks', leaves: false },
  cut: { at: 'broken', model: 'ends', leaves: false },
  late: { at: 'broken', model: 'goes-on', leaves: 'show' },
} as const;
type Stories = Record<keyof typeof questions, Story>;

const driver = `${tell}
const stories = {};
for (const [name, { at, model, leaves }] of Object.entries(${JSON.stringify(questions)})) {
  const { ask } = await import(\`./\${at}/\${process.argv[2]}\`);
  stories[name] = await tell(ask, model, leaves);
}
const { modelsOf } = await import(\`./sandboxed/\${process.argv[2]}\`);
process.stdout.write(JSON.stringify({ stories, models: await modelsOf?.('ai21') }));
`;

const tsconfig = {
  compilerOptions: {
    target: 'es2024',
    lib: ['es2024', 'dom', 'dom.iterable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  },
  include: ['*.ts'],
};

let project: string;
let provider: ProviderServer;
let broken: ProviderServer;
let sandboxed: GatewayProcess;
let real: GatewayProcess;

beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (body['model'] === 'silent') return response.flushHeaders();
    const delta = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
    const talk = setInterval(() => response.write(delta), 20);
    response.once('close', () => clearInterval(talk));
  });
  // A gateway that streams the given pieces, and never ends.
  broken = await startProvider(({ path, body }, response) => {
    if (path !== '/graphql')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<title>Page</title>');
    const delta = { data: { chatStream: { __typename: 'ContentDelta', text: 'Hel' } } };
    const event = `event: next\ndata: ${JSON.stringify(delta)}\n\n`;
    const { model } = (body['variables'] as { input: { model: string } }).input;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (model === 'breaks') response.write(event, () => response.destroy());
    else if (model === 'ends') response.end(event);
    else response.write(event + event);
  });
  [sandboxed, real] = await Promise.all([
    startGateway({ yaml: 'sandbox: { firstTokenMs: 0, tokensPerSecond: 1000 }\n' }),
    startGateway({ yaml: localProvider(provider.url) }),
  ]);

  project = createProject();
  writeFileSync(join(project, 'driver.js'), driver);
  const first = writeSnippets(project, 'sandboxed', snippets, sandboxed.url);
  writeFileSync(join(first, 'tsconfig.json'), JSON.stringify(tsconfig));
  copyFileSync('schema.graphql', join(first, 'schema.graphql'));
  await run(join(project, 'node_modules/.bin/graphql-codegen'), [], { cwd: first });
  for (const [folder, url] of [
    ['real', real.url],
    ['broken', broken.url],
  ] as const) {
    cpSync(join(first, 'gql'), join(project, folder, 'gql'), { recursive: true });
    writeSnippets(project, folder, snippets, url);
  }
}, 60_000);
afterAll(async () => {
  await Promise.all([sandboxed.stop(), real.stop()]);
  await Promise.all([provider.close(), broken.close()]);
});

async function expectGood(stories: Stories): Promise<void> {
  const { answered, refused, left, leftByTimer, leftBefore, leftAfter, broken: broke, cut, late } = stories;
  expect(answered.pieces.length).toBeGreaterThan(5);
  expect(answered.pieces.join('')).toMatch(/^Hello from Parley's sandbox.*model\.$/s);
  expect(answered.finished).toMatchObject({ finishReason: 'STOP', usage: { inputTokens: expect.any(Number) } });
  expect(refused).toEqual({ pieces: [], failed: expect.stringMatching(/^Error: UNKNOWN_PROVIDER: /) });
  // Deltas that arrive together are merged: the number of pieces depends on the machine.
  expect(left.failed).toBe('Error: left');
  expect(left.pieces.join('')).toMatch(/^(word )+$/);
  expect(leftByTimer.failed).toBe('Error: left');
  expect(leftByTimer.pieces.join('')).toMatch(/^(word )+$/);
  expect(leftBefore).toEqual({ pieces: [], failed: 'Error: left' });
  expect(leftAfter.finished).toMatchObject({ finishReason: 'STOP' });
  // Each disconnect stopped the provider, and no request was repeated.
  for (const { closed } of provider.requests.slice(-3)) await closed;
  // Text that arrived just before the connection broke may be lost with it.
  expect(broke).toEqual({ pieces: expect.any(Array), failed: expect.any(String) });
  // Text that arrived together with the last wanted piece is not shown.
  expect(late).toEqual({ pieces: ['Hel'], failed: 'Error: left' });
  expect(cut).toEqual({ pieces: ['Hel'], failed: expect.any(String) });
}

/** All requests that a client sent during its cases: none repeated, each with its own id. */
function requestsSince(start: { provider: number; broken: number }) {
  const ids = broken.requests
    .slice(start.broken)
    .filter(({ path }) => path === '/graphql')
    .map(({ body }) => (body['variables'] as { input: { requestId: string } }).input.requestId);
  return { provider: provider.requests.length - start.provider, ids };
}
const now = () => ({ provider: provider.requests.length, broken: broken.requests.length });

describe('docs/clients.md', () => {
  it('compiles with strict types', async () => {
    await run(join(project, 'node_modules/.bin/tsc'), [], { cwd: join(project, 'sandboxed') });
  });

  it('shows types that reject fields outside the schema', async () => {
    const files = new Map([
      ['ask-typed.ts', snippets.get('ask-typed.ts')?.replace("role: 'USER'", "role: 'HUMAN'") ?? ''],
    ]);
    const folder = writeSnippets(project, 'mistaken', files, real.url);
    cpSync(join(project, 'sandboxed/gql'), join(folder, 'gql'), { recursive: true });
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    const compiler = join(project, 'node_modules/.bin/tsc');
    const refused: ExecFileException = await run(compiler, ['--pretty', 'false'], { cwd: folder }).then(
      () => expect.fail('It compiled.'),
      (failure) => failure,
    );
    expect(refused.stdout).toMatch(/^ask-typed\.ts\(\d+,\d+\): error TS2322: Type '"HUMAN"' is not assignable/);
  });

  it.each(['ask-graphql-sse.ts', 'ask-urql.ts', 'ask-apollo.ts', 'ask-typed.ts'])(
    'shows a client (%s) that tells answers from failures, leaves when told to, and never asks twice',
    async (file) => {
      const start = now();
      const { stdout, stderr } = await run(process.execPath, ['driver.js', file], { cwd: project, timeout: 15_000 });
      const { stories, models } = JSON.parse(stdout) as { stories: Stories; models?: string[] };
      await expectGood(stories);
      const { provider: calls, ids } = requestsSince(start);
      expect([calls, new Set(ids).size, ids.length]).toEqual([3, 3, 3]);
      if (file !== 'ask-graphql-sse.ts' && file !== 'ask-typed.ts') expect(models).toContain('ai21/jamba-large');
      expect(stderr).not.toMatch(/error/i);
    },
  );
});

describe.skipIf(!browserPath)('docs/clients.md in a browser (skipped without Chromium)', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser?.close());

  it('shows a fetch that separates answers from failures, aborts, and never repeats a request', async () => {
    const start = now();
    const pages = { sandboxed: `${sandboxed.url}/healthz`, real: `${real.url}/healthz`, broken: `${broken.url}/` };
    const stories: Partial<Stories> = {};
    for (const [name, { at, model, leaves }] of Object.entries(questions)) {
      const page = await browser.newPage();
      await page.goto(pages[at]);
      const content = `${snippets.get('ask-fetch.js')}\n${tell}\nwindow.story = tell(ask, '${model}', ${JSON.stringify(leaves)});`;
      await page.addScriptTag({ type: 'module', content });
      await page.waitForFunction('window.story');
      stories[name as keyof Stories] = await page.evaluate<Story>('window.story');
      await page.close();
    }
    await expectGood(stories as Stories);
    const { provider: calls, ids } = requestsSince(start);
    expect([calls, new Set(ids).size, ids.length]).toEqual([3, 3, 3]);
  });
});
