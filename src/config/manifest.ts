import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** GraphQL documents by hash, as client generators write them. */
export type Manifest = ReadonlyMap<string, string>;

const manifest = z.record(z.string().min(1).max(256), z.string().min(1));

/** Reads the list; the GraphQL face checks its documents against the schema. */
export function readManifest(path: string, name: string, problems: string[]): Manifest | undefined {
  const text = readText(path);
  const result = manifest.safeParse(text === undefined ? undefined : toJson(text));
  if (result.success) return new Map(Object.entries(result.data));
  problems.push(
    text === undefined
      ? `graphql.persistedOperations: cannot read ${name}`
      : `${name}: expected a JSON object of GraphQL documents by their hash`,
  );
  return undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
