import fc from 'fast-check';
import {
  type ExecutionResult,
  execute,
  type GraphQLNamedType,
  getNamedType,
  isAbstractType,
  isLeafType,
  isObjectType,
  subscribe,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import type { ChatEvent, Completion, Failure } from '../../src/core/completion.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { CallFailure, type Gateway } from '../../src/core/gateway.ts';
import type { Context } from '../../src/graphql/builder.ts';
import { createDocumentCache } from '../../src/graphql/document-cache.ts';
import { type Result, runQuery, runSubscription } from '../../src/graphql/execute.ts';
import { schema } from '../../src/graphql/schema.ts';
import { toSource } from '../support/to-poll-stream.ts';

/** `chat` and `chatStream` are executed without graphql-js. The result must equal that of graphql-js. */

type Draw = <T>(values: readonly T[]) => T;

/** A field, or a fragment around some fields: aliases, repetitions and type conditions. */
function selection(draw: Draw, type: GraphQLNamedType, depth: number, flags: readonly string[]): string {
  const flag = () => draw(flags);
  const some = (inner: GraphQLNamedType) =>
    Array.from({ length: draw([1, 1, 2, 3, 5]) }, () => selection(draw, inner, depth - 1, flags)).join(' ');
  if (depth > 0 && draw([0, 0, 1]) === 1) {
    const conditions: readonly GraphQLNamedType[] = isAbstractType(type)
      ? [type, ...schema.getPossibleTypes(type)]
      : [type];
    const condition = draw(conditions);
    const head = condition === type ? draw(['...', `... on ${type.name}`]) : `... on ${condition.name}`;
    return `${head} ${flag()} { ${some(condition)} }`;
  }
  const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
  const field = draw([undefined, ...fields.filter((one) => depth > 0 || isLeafType(getNamedType(one.type)))]);
  const alias = draw(['', '', 'x', 'y', '__proto__']);
  const name = field?.name ?? '__typename';
  const inner = field && getNamedType(field.type);
  const below = inner && !isLeafType(inner) ? ` { ${some(inner)} }` : '';
  return `${alias ? `${alias}${alias.startsWith('_') ? '' : `_${name}`}: ` : ''}${name} ${flag()}${below}`;
}

const plain = [''];
const decided = ['', '', '@include(if: $on)', '@skip(if: $on)', '@skip(if: false)'];

function documentFrom(draw: Draw, operation: 'query' | 'subscription', flags: readonly string[]): string {
  const [field, type] = operation === 'query' ? ['chat', 'ChatResult'] : ['chatStream', 'ChatEvent'];
  const result = schema.getType(type);
  if (!result) throw new Error(`There is no ${type}`);
  const asked = `${field}(input: { model: "a/b", messages: [{ role: USER, content: "x" }] })`;
  const parts = Array.from({ length: draw([1, 2, 4]) }, () => selection(draw, result, 4, flags));
  const fields = (operation === 'query' ? ['', 'second: '].slice(0, draw([1, 2])) : ['answer: ']).map(
    (alias) => `${alias}${asked} { ...Some ${parts.join(' ')} }`,
  );
  const fragment = `fragment Some on ${type} { __typename ${selection(draw, result, 2, flags)} }`;
  return `${operation}${flags === plain ? '' : ' ($on: Boolean!)'} { ${fields.join(' ')} } ${fragment}`;
}

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom('"', '\\', '\u2028', '\ud800', ''));
const count = fc.oneof(fc.nat(5_000), fc.constantFrom(undefined, 1.5, 2 ** 31, -1));
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const usage = fc.record({
  inputTokens: count,
  outputTokens: count,
  totalTokens: count,
  cacheReadInputTokens: count,
  cacheWriteInputTokens: count,
  reasoningOutputTokens: count,
});
const cost = fc.record({
  total: fc.float({ noDefaultInfinity: false }),
  input: fc.float(),
  output: fc.float(),
  currency: fc.constant('USD' as const),
  priceSource: text,
  pricedAt: text,
});
const expense = {
  latencyMs: fc.nat(10_000),
  overheadMs: fc.float(),
  cost: optional(cost),
  timeToFirstTokenMs: optional(fc.nat(10_000)),
  attempts: fc.array(
    fc.record({
      provider: text,
      model: text,
      key: optional(text),
      code: optional(fc.constantFrom('UPSTREAM_ERROR' as const, 'CANCELLED' as const)),
      status: optional(fc.nat(600)),
      durationMs: fc.nat(10_000),
    }),
    { maxLength: 2 },
  ),
};
const ending = {
  finishReason: fc.constantFrom('stop' as const, 'tool_call' as const, 'no such reason' as 'stop'),
  rawFinishReason: optional(text),
  refusal: optional(text),
  citations: fc.array(fc.record({ url: text, title: optional(text), text: optional(text) }), { maxLength: 2 }),
  usage: optional(usage),
  providerState: optional(text),
  warnings: fc.array(fc.record({ option: text, message: text }), { maxLength: 2 }),
  ...expense,
};
const head = { id: text, provider: text, model: text, created: fc.date(), isSandbox: fc.boolean() };
const completion: fc.Arbitrary<Completion> = fc.record({
  ...head,
  // Non-null fields are missing at times.
  text: fc.oneof(text, text, fc.constant(undefined as unknown as string)),
  reasoning: text,
  toolCalls: fc.array(fc.record({ id: text, name: text, arguments: text }), { maxLength: 2 }),
  ...ending,
});
const failure: fc.Arbitrary<Failure> = fc.record({
  error: fc.constantFrom(
    new GatewayError('UPSTREAM_RATE_LIMITED', 'Slowly', { retryAfterMs: 1_000, status: 429 }),
    new GatewayError('INVALID_REQUEST', 'No', { issues: [{ path: 'a', message: 'b' }] }),
  ),
  provider: text,
  model: text,
  usage: optional(usage),
  ...expense,
});
const event: fc.Arbitrary<ChatEvent> = fc.oneof(
  fc.record({
    type: fc.constant('started' as const),
    streamId: text,
    ...head,
    timeToFirstTokenMs: fc.nat(),
    overheadMs: fc.float(),
  }),
  fc.record({ type: fc.constant('content' as const), text }),
  fc.record({ type: fc.constant('reasoning' as const), text }),
  fc.record({
    type: fc.constant('tool_call' as const),
    index: fc.nat(3),
    id: text,
    name: text,
    argumentsDelta: text,
  }),
  fc.record({ type: fc.constant('finished' as const), ...ending }),
  failure.map((failed) => ({ type: 'failed' as const, ...failed })),
);
const answer = fc.oneof(
  completion,
  failure.map((failed) => new CallFailure(failed)),
  fc.constant(new Error('A defect')),
);

const documents = createDocumentCache(schema, []);

function open(query: string, on: boolean, gateway: Partial<Gateway>) {
  // A document may have a thousand tokens.
  const operation = query.length > 3_000 ? undefined : documents.find(query, undefined);
  if (!operation) return undefined;
  const work = { requestId: 'r-1', calls: 0, isAdmitted: false };
  const { signal } = new AbortController();
  const context = { gateway, caller: anonymous, signal, trace: {}, work } as unknown as Context;
  const running = { operation, operationName: undefined, variables: { on }, context };
  const args = { schema, document: operation.document, variableValues: { on }, contextValue: context };
  return { running, args, isPlanned: operation.compiled !== undefined };
}

function toText(result: Result | ExecutionResult): string {
  return typeof result === 'string' ? result : JSON.stringify(result);
}

/** How often the fast path was taken. */
async function compare(
  operation: 'query' | 'subscription',
  flags: readonly string[],
  run: (query: string, on: boolean) => Promise<boolean | undefined>,
): Promise<number> {
  let planned = 0;
  await fc.assert(
    fc.asyncProperty(fc.gen(), fc.boolean(), async (draw, on) => {
      const query = documentFrom((values) => values[draw(fc.nat, values.length - 1)] as never, operation, flags);
      if (await run(query, on)) planned += 1;
    }),
    { numRuns: 400 },
  );
  return planned;
}

for (const flags of [plain, decided]) {
  const what = flags === plain ? 'without directives' : 'with directives';
  describe(`an operation ${what} is answered as by graphql-js, for any selection and any result`, () => {
    it('whole', async () => {
      const answers = fc.sample(answer, 60);
      let turn = 0;
      const planned = await compare('query', flags, async (query, on) => {
        const given = [answers[turn % 60], answers[(turn + 1) % 60]];
        turn += 1;
        let asked = 0;
        const chat = async () => {
          const one = given[asked++];
          if (one instanceof Error) throw one;
          return one as Completion;
        };
        const opened = open(query, on, { chat });
        if (!opened) return false;
        const expected = toText(await execute(opened.args));
        const inAll = asked;
        asked = 0;
        expect(toText(await runQuery(opened.running))).toBe(expected);
        expect(asked).toBe(inAll);
        return opened.isPlanned;
      });
      expect(planned > 200).toBe(flags === plain);
    });

    it('streamed', async () => {
      const events = fc.sample(event, 100);
      let turn = 0;
      const planned = await compare('subscription', flags, async (query, on) => {
        const given = Array.from({ length: 6 }, (_, index) => events[(turn * 6 + index) % 100]) as ChatEvent[];
        turn += 1;
        const refused = turn % 9 === 0 ? fc.sample(failure, 1)[0] : undefined;
        const stream = async () => {
          if (refused) throw new CallFailure(refused);
          return toSource(
            (async function* () {
              yield given.slice(0, 2);
              yield given.slice(2);
            })(),
          );
        };
        const opened = open(query, on, { stream });
        if (!opened) return false;
        const results = await subscribe(opened.args);
        const expected =
          Symbol.asyncIterator in results ? (await Array.fromAsync(results)).map(toText) : [toText(results)];
        const told: string[] = [];
        await runSubscription(opened.running, (result) => void told.push(toText(result)));
        expect(told).toEqual(expected);
        return opened.isPlanned;
      });
      expect(planned > 200).toBe(flags === plain);
    });
  });
}
