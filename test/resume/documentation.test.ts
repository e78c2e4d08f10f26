import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CutProxy, startCutProxy } from '../support/cut-proxy.ts';
import { createProject, snippetsOf, writeSnippets } from '../support/doc-snippets.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { openAiStream, type ProviderServer, startProvider } from '../support/provider-server.ts';

/** The clients of docs/streaming.md, unchanged, behind a proxy that cuts every connection. */

const run = promisify(execFile);
const words = Array.from({ length: 60 }, (_, index) => `word ${index}, `);
const snippets = snippetsOf('docs/streaming.md');

const driver = `
import { chat } from './resuming.ts';
const { subscribe } = await import(process.argv[2]);
const input = { model: 'local/m', messages: [{ role: 'USER', content: 'Hello' }] };
let text = '';
let last;
for await (const event of chat(subscribe, input, new AbortController().signal)) {
  text += event.text ?? '';
  last = event.__typename;
}
console.log(JSON.stringify({ text, last }));
`;

let provider: ProviderServer;
let gateway: RunningGateway;
let proxy: CutProxy;
let folder: string;

beforeAll(async () => {
  provider = await startProvider(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // A reset discards what a client has not read yet, so the words come one by one.
    for (const event of openAiStream(words).split(/(?<=\n\n)/)) {
      response.write(event);
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    response.end();
  });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
  proxy = await startCutProxy(gateway.url);
  folder = writeSnippets(createProject(), 'resuming', snippets, proxy.url);
  writeFileSync(join(folder, 'driver.ts'), driver);
});
afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

it('the clients of docs/streaming.md compile with strict types', async () => {
  const compilerOptions = {
    ...{ target: 'esnext', module: 'nodenext', types: ['node'], strict: true, noEmit: true },
    ...{ allowImportingTsExtensions: true, skipLibCheck: true },
  };
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['resuming.ts', 'sub*.ts'] }),
  );
  await run(join(folder, '../node_modules/.bin/tsc'), [], { cwd: folder });
});

it.each(['graphql-sse', 'urql', 'apollo'])(
  '%s has the exact text though each of its connections is cut',
  async (name) => {
    const before = provider.requests.length;
    // The head of a response has some 300 bytes, its first event some 200.
    proxy.cutAfter(1_200);
    const { stdout } = await run(process.execPath, ['driver.ts', `./subscribe-${name}.ts`], {
      cwd: folder,
      timeout: 15_000,
    });
    const { text, last } = JSON.parse(stdout) as { text: string; last: string };
    expect(text).toBe(words.join(''));
    expect(last).toBe('CompletionFinished');
    expect(provider.requests.length).toBe(before + 1);
  },
);
