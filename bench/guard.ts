import { wholeText } from './answers.ts';
import budgets from './budgets.json' with { type: 'json' };
import { open, toRequest } from './client.ts';
import { type Asked, contestants, graphQL, rest, type Server, startParley } from './contestants.ts';
import { show } from './measure.ts';
import { pinSelf, probed } from './processes.ts';
import { summarize } from './statistics.ts';
import { startPaced } from './upstream.ts';

/**
 * `npm run guard`: detects performance regressions. Allocated bytes for the same work are equal on any machine, busy or not,
 * and regressions of this code have come from allocations; processor time is compared with that of a bare server beside it, in
 * turns, with a wide margin. Milliseconds are not judged.
 */

pinSelf();
await using upstream = await startPaced();
const base = `${upstream.url}/v1`;
await using parley = await startParley(base, { nodeOptions: probed });
// How much the optimizing compilers save depends on when they run, and so on the load of the machine.
const unoptimized = [...probed, '--no-opt', '--no-maglev', '--no-flush-bytecode'];
await using counted = await startParley(base, { nodeOptions: unoptimized });
await using bare = await contestants.bare.start(base, { nodeOptions: probed });

const blocks = 5;
const ask = (server: Server, asked: Asked, count: number) =>
  cost(server, asked, count, (wire) => wire.split(wholeText).length - 1);
// Chunks that arrive one by one, as from a model: each is processed on its own.
const slow = { content: 'paced-300-150' };
const tell = (asked: Asked) => cost(counted, asked, 1, (wire) => wire.split(/"(?:text|content)":"/).length - 1);

for (const face of [graphQL, rest]) await ask(counted, face('whole'), 100);
const chat = { graphQL: await ask(counted, graphQL('whole'), 200), rest: await ask(counted, rest('whole'), 200) };
for (const face of [graphQL, rest]) await tell(face('stream', slow));
const stream = { graphQL: await tell(graphQL('stream', slow)), rest: await tell(rest('stream', slow)) };

for (const server of [parley, bare]) await ask(server, graphQL('whole'), 400);
const times: number[] = [];
for (let block = 0; block < blocks; block++) {
  const own = await ask(parley, graphQL('whole'), 100);
  times.push(own.microseconds / (await ask(bare, graphQL('whole'), 100)).microseconds);
}

const found = {
  chatBytes: chat.graphQL.bytes,
  restChatBytes: chat.rest.bytes,
  chunkBytes: stream.graphQL.bytes,
  restChunkBytes: stream.rest.bytes,
  chatTimesBare: summarize(times).median,
} satisfies Record<keyof typeof budgets, number>;

const names = {
  chatBytes: 'bytes allocated for a whole answer, GraphQL',
  restChatBytes: 'bytes allocated for a whole answer, REST',
  chunkBytes: 'bytes allocated for a chunk of a stream, GraphQL',
  restChunkBytes: 'bytes allocated for a chunk of a stream, REST',
  chatTimesBare: "processor's time for a whole answer, to bare",
} as const satisfies Record<keyof typeof budgets, string>;

for (const name of Object.keys(names) as (keyof typeof budgets)[]) {
  const isOver = found[name] > budgets[name];
  console.log(`${isOver ? 'OVER' : 'ok  '} ${names[name]}: ${show(found[name])} of ${show(budgets[name])}`);
  if (isOver) process.exitCode = 1;
}
if (process.exitCode === 1) {
  console.error('It has become slower. If that is meant, docs/performance.md tells how a budget is raised.');
}

type Cost = { readonly bytes: number; readonly microseconds: number };

/** Per counted item (answer or chunk) of the responses. */
async function cost(server: Server, asked: Asked, requests: number, count: (wire: string) => number): Promise<Cost> {
  using connection = await open(server.url);
  const request = toRequest(server.url, asked);
  const before = await server.vitals();
  let things = 0;
  for (let turn = 0; turn < requests; turn++) {
    const { wire } = await connection.ask(request);
    things += count(wire);
  }
  const after = await server.vitals();
  if (things < requests) throw new Error(`${server.url} does not answer as it should`);
  return {
    bytes: (after.allocatedBytes - before.allocatedBytes) / things,
    microseconds: (after.processorMicroseconds - before.processorMicroseconds) / things,
  };
}
