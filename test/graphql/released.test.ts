import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema } from 'graphql';
import { describe, expect, it } from 'vitest';

/** What the schema would break for clients of the last release, by graphql-inspector. */

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const released = read('./released.graphql');

async function breakingChanges(from: string, to: string): Promise<string[]> {
  const built = [from, to].map((source) => buildSchema(source)) as [GraphQLSchema, GraphQLSchema];
  const changes = await diff(...built);
  const breaking = changes.filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking);
  return breaking.map(({ message }) => message);
}

describe('the schema', () => {
  it('breaks no client of the last release', async () => {
    expect(await breakingChanges(released, read('../../schema.graphql'))).toEqual([]);
  });

  it.each([
    ['a removed field', '  displayName: String', '  shownName: String'],
    ['a nullable field', '  isSandbox: Boolean!', '  isSandbox: Boolean'],
  ])('would break them with %s', async (_title, from, to) => {
    expect(released).toContain(from);
    expect(await breakingChanges(released, released.replace(from, to))).not.toEqual([]);
  });
});
