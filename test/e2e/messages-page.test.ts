import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query, sseClient } from '../support/graphql-client.ts';

/** The examples of docs/messages.md run in the sandbox, with the results that the page shows. */

const page = readFileSync(new URL('../../docs/messages.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```graphql\n(.*?)^```\n\n^```json\n(.*?)^```/gms)].map(
  ([, document = '', result = '']) => ({ document, result: JSON.parse(result) as Record<string, unknown> }),
);

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
});
afterAll(() => gateway[Symbol.asyncDispose]());

describe('docs/messages.md', () => {
  it('has examples, each with its result', () => {
    expect(examples.length).toBe(page.split('```graphql').length - 1);
    expect(examples.length).toBeGreaterThan(7);
  });

  it.each(examples)('$document', async ({ document, result }) => {
    expect(await lastOf(document)).toMatchObject(result);
  });
});

async function lastOf(document: string): Promise<unknown> {
  if (!document.startsWith('subscription')) {
    const { data, errors } = await query(gateway.url, document);
    expect(errors).toBeUndefined();
    return data;
  }
  let last: unknown;
  for await (const { data, errors } of sseClient(gateway.url).iterate({ query: document })) {
    expect(errors).toBeUndefined();
    last = data;
  }
  return last;
}
