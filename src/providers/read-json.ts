import { parseExactJson } from '../core/json.ts';
import { isJsonObject } from '../core/json-object.ts';

/**
 * Lenient readers of provider JSON: unknown fields are ignored, `null` and wrong types count as absent. A number may
 * come as a float and a field may be missing in every second answer: no reason to lose the rest.
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

/** As `string`, but an empty string is absent: many hosts fill unknown ids, names and reasons with one. */
export function nonEmptyString(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** No answer has more tokens: a larger number is wrong, and sums of a few must fit a GraphQL Int. */
const maxCount = 100_000_000;

export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= maxCount ? Math.round(value) : undefined;
}

/** The last second that RFC 3339 can express. */
const endOfTime = 253_402_300_799;

/** A Unix time in seconds. 0 counts as absent. */
export function unixSeconds(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 && value <= endOfTime ? Math.floor(value) : undefined;
}

/** The first HTTP status among the values, as a number or a string. */
export function statusAmong(codes: readonly unknown[]): number | undefined {
  return codes
    .map((code) => (typeof code === 'string' || typeof code === 'number' ? Number(code) : Number.NaN))
    .find((code) => code >= 400 && code < 600);
}

/** A look-up of a provider's word in one of our tables. "constructor" is just a word. */
export function lookUp<T>(table: Readonly<Record<string, T>> | undefined, key: string | undefined): T | undefined {
  return table !== undefined && key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** `undefined` for invalid JSON. Keys that would reach a prototype are dropped. */
export function readJson(source: string): unknown {
  try {
    return parseExactJson(source);
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
