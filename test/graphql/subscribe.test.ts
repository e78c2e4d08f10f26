import fc from 'fast-check';
import { type ExecutionResult, subscribe as graphqlSubscribe, parse } from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import { expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import type { ChatEvent } from '../../src/core/completion.ts';
import type { Gateway } from '../../src/core/gateway.ts';
import { schema } from '../../src/graphql/schema.ts';
import { subscribe, type WrittenResult } from '../../src/graphql/subscribe.ts';

/** Deltas are written without being run. What is written has to be what graphql-js would have made of them. */

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom('.', '"."', '\\', '\u2028', '\ud800'),
);
const event: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.record({ type: fc.constant('content' as const), text }),
  fc.record({ type: fc.constant('reasoning' as const), text }),
  fc.record({
    type: fc.constant('tool_call' as const),
    index: fc.nat(3),
    id: text,
    name: text,
    argumentsDelta: text,
  }),
);

const selection = fc.constantFrom(
  '__typename',
  'kind: __typename',
  '... on ContentDelta { text }',
  '... on ContentDelta { a: text b: text __typename }',
  '... on ReasoningDelta { text @include(if: $on) }',
  '... on ReasoningDelta { thought: text @skip(if: $on) }',
  '... on ToolCallDelta { index id name argumentsDelta }',
  '...Delta @include(if: $on)',
  '... @skip(if: $on) { __typename }',
);
const document = fc.array(selection, { minLength: 1, maxLength: 5 }).map((parts) => {
  const root = `chatStream(input: { model: "a/b", messages: [{ role: USER, content: "x" }] })`;
  const fragment = parts.some((part) => part.includes('...Delta'))
    ? 'fragment Delta on ChatEvent { ... on ContentDelta { said: text } }'
    : '';
  return `subscription ($on: Boolean!) { answer: ${root} { ${parts.join(' ')} } } ${fragment}`;
});

type Subscribe = (args: Parameters<typeof subscribe>[0]) => ReturnType<typeof subscribe>;

async function resultsOf(run: Subscribe, query: string, on: boolean, events: readonly ChatEvent[]): Promise<string[]> {
  async function* batches(): AsyncGenerator<readonly ChatEvent[]> {
    yield events;
  }
  const gateway: Pick<Gateway, 'stream'> = { stream: async () => batches() };
  const contextValue = { gateway, caller: anonymous, signal: new AbortController().signal, trace: {} };
  const results = await run({ schema, document: parse(query), variableValues: { on }, contextValue });
  if (!isAsyncIterable(results)) throw new Error(JSON.stringify(results));
  const texts: string[] = [];
  for await (const result of results) texts.push(toText(result));
  return texts;
}

function toText(result: WrittenResult | ExecutionResult): string {
  return ('stringify' in result ? result.stringify?.() : undefined) ?? JSON.stringify(result);
}

it('whatever an operation selects of deltas, and whatever they hold, comes out as graphql-js would write it', async () => {
  const asGraphQL: Subscribe = async (args) => await graphqlSubscribe(args);
  await fc.assert(
    fc.asyncProperty(document, fc.boolean(), fc.array(event, { maxLength: 6 }), async (query, on, events) => {
      const expected = await resultsOf(asGraphQL, query, on, events);
      expect(await resultsOf(subscribe, query, on, events)).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
