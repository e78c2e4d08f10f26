import { isJsonObject } from '../core/chat.ts';
import { parseJson } from '../core/json.ts';

/**
 * Reading what providers send: an unknown field is ignored, `null` counts as absent, a wrong type as absent too.
 * A number may come as a float, a field may be missing in every second answer: no reason to lose the rest.
 */

export type WireObject = { readonly [field: string]: unknown };

const nothing: WireObject = {};

export function object(value: unknown): WireObject {
  return isJsonObject(value) ? value : nothing;
}

export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** As `text`, with the empty string as absent: how many hosts fill ids, names and reasons they have not got. */
export function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** No answer has so many of anything: whoever counts more has not counted, and the sum of a few of them still is a GraphQL Int. */
const maxCount = 100_000_000;

export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= maxCount ? Math.round(value) : undefined;
}

/** The last second that RFC 3339 can write down. */
const endOfTime = 253_402_300_799;

/** A time in seconds since 1970. 0 is none. */
export function unixSeconds(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 && value <= endOfTime ? Math.floor(value) : undefined;
}

/** The status among these, told as a number or as its text. An object that came instead may have no way to become a number. */
export function statusAmong(codes: readonly unknown[]): number | undefined {
  return codes
    .map((code) => (typeof code === 'string' || typeof code === 'number' ? Number(code) : Number.NaN))
    .find((code) => code >= 400 && code < 600);
}

/** What a table of ours says about a word of theirs. "constructor" is just a word. */
export function lookUp<T>(table: Readonly<Record<string, T>> | undefined, key: string | undefined): T | undefined {
  return table !== undefined && key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** `undefined` for text that is not JSON. Keys that would reach a prototype are dropped. */
export function readJson(source: string): unknown {
  try {
    return parseJson(source);
  } catch {
    return undefined;
  }
}

/** Arguments of a tool call as JSON text, whatever form they came in. */
export function argumentsText(value: unknown): string {
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  const given = string(value)?.trim();
  return given === undefined || given === '' || given === 'null' ? '{}' : (value as string);
}
