import { array, object, string, type WireObject } from '../read-json.ts';

/**
 * Arguments of a call that arrive in pieces, each for one path: `{"jsonPath": "$.list[0].name", "stringValue": "An"}`.
 * Strings for one path are concatenated.
 */

type Key = string | number;
/** Object keys or array indices. A Map, so that "__proto__" is a key like any other and a large index costs nothing. */
type Node = Map<Key, unknown>;
export type Arguments = Node;

export function createArguments(given: unknown): Arguments {
  return new Map(Object.entries(object(given)));
}

export function addPieces(args: Arguments, pieces: unknown): void {
  for (const piece of array(pieces)) {
    const wire = object(piece);
    const path = readPath(string(wire['jsonPath']) ?? '');
    const last = path.pop();
    const value = readValue(wire);
    if (last === undefined || value === undefined) continue;
    const node = path.reduce(enter, args);
    const known = node.get(last);
    node.set(last, typeof known === 'string' && typeof value === 'string' ? known + value : value);
  }
}

export function toArgumentsText(args: Arguments): string {
  return JSON.stringify(toPlain(args));
}

function enter(node: Node, key: Key): Node {
  const known = node.get(key);
  if (isNode(known)) return known;
  const created: Node = new Map();
  node.set(key, created);
  return created;
}

function isNode(value: unknown): value is Node {
  return value instanceof Map;
}

function toPlain(value: unknown): unknown {
  if (!isNode(value)) return value;
  const entries = [...value].map(([key, child]) => [key, toPlain(child)] as const);
  const isList = entries.length > 0 && entries.every(([key]) => typeof key === 'number');
  if (!isList) return Object.fromEntries(entries);
  return entries.sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}

/** `$.list[0].name`; keys that are no identifiers stand in brackets and quotes. */
function readPath(path: string): Key[] {
  const steps = path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\['([^']*)'\]|\["([^"]*)"\]/g);
  return [...steps].map(([, name, index, single, double]) =>
    index === undefined ? (name ?? single ?? double ?? '') : Number(index),
  );
}

function readValue(wire: WireObject): unknown {
  const known = [wire['stringValue'], wire['numberValue'], wire['boolValue']];
  const value = known.find((candidate) => candidate !== undefined && candidate !== null);
  return value === undefined && 'nullValue' in wire ? null : value;
}
