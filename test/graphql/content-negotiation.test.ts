import fc from 'fast-check';
import { createSchema, createYoga } from 'graphql-yoga';
import { expect, it } from 'vitest';
import { negotiate } from '../../src/graphql/content-negotiation.ts';

/** The fast path must choose the same response form as Yoga. */
const yoga = createYoga({
  schema: createSchema({
    typeDefs: 'type Query { one: Int } type Subscription { one: Int }',
    resolvers: {
      Subscription: {
        one: {
          async *subscribe() {
            yield { one: 1 };
          },
        },
      },
    },
  }),
  multipart: false,
  logging: false,
});

async function typeOf(accept: string, query: string): Promise<string | undefined> {
  const response = await yoga.fetch('http://localhost/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: JSON.stringify({ query }),
  });
  await response.text();
  return response.ok ? response.headers.get('content-type')?.split(';', 1)[0] : undefined;
}

const names = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
  'text/html',
  'image/*',
  'application/*',
  'text/*',
  '*/*',
  'Application/JSON',
  'constructor',
  '__proto__',
  'application/json;q=0.9',
  'application/json; charset=utf-8',
  'text/event-stream;charset=iso-8859-1',
];

it.each(['{ one }', 'subscription { one }'])('%s is answered in the form that Yoga would choose', async (query) => {
  const isSubscription = query.startsWith('subscription');
  const header = fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 4 }).map((list) => list.join(', '));
  await fc.assert(
    fc.asyncProperty(header, async (accept) => {
      expect(negotiate(accept, isSubscription), accept).toBe(await typeOf(accept, query));
    }),
    { numRuns: 300 },
  );
});
