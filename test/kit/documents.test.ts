import { readFileSync } from 'node:fs';
import { Client, fetchExchange } from '@urql/core';
import { buildSchema, parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as documents from '../../packages/client/src/documents.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

/** The typed documents of parley-client, with a client of another maker. `npm run types` checks that it infers their types. */

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
});
afterAll(() => gateway[Symbol.asyncDispose]());

it('are valid by the schema', () => {
  const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
  const operations = Object.entries(documents).filter(([name]) => name !== 'eventFields');
  for (const [name, document] of operations) expect([name, ...validate(schema, parse(document))]).toEqual([name]);
});

it('give urql the types of results and variables', async () => {
  const client = new Client({ url: `${gateway.url}/graphql`, exchanges: [fetchExchange], preferGetMethod: false });
  const { data } = await client.query(documents.models, { filter: { provider: 'openai' } }).toPromise();
  const contextWindow: number | null | undefined = data?.models[0]?.contextWindow;
  expect(contextWindow).toBeGreaterThan(0);

  const input = { model: 'openai/gpt-4o', messages: [{ role: 'USER' as const, content: 'Hello' }] };
  const answer = (await client.query(documents.chat, { input }).toPromise()).data?.chat;
  expect(answer?.__typename === 'Completion' && answer.finishReason).toBe('STOP');
  // @ts-expect-error The variables have types, too.
  client.query(documents.chat, { wrong: true });
});
