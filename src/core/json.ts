import { parse } from 'secure-json-parse';

/**
 * Parses JSON and drops keys that would reach a prototype. Throws for invalid JSON with a message that quotes the text:
 * never show it.
 */
export function parseJson(text: string): unknown {
  return isPlain(text)
    ? JSON.parse(text)
    : parse(text, undefined, { protoAction: 'remove', constructorAction: 'remove' });
}

/**
 * No such key, plain or escaped, and no byte order mark. That is true of nearly all texts, and the check is cheaper
 * than secure-json-parse.
 */
function isPlain(text: string): boolean {
  return !(
    text.includes('__proto__') ||
    text.includes('constructor') ||
    text.includes('\\u') ||
    text.includes('\uFEFF')
  );
}

declare global {
  interface JSON {
    /** Not in TypeScript's library yet: a value that JSON.stringify writes as the given text. */
    rawJSON(text: string): object;
  }
}

/** Sixteen digits in a row: a number that a double may not hold. */
const longNumber = /\d{16}/;
const integer = /^-?\d+$/;

/**
 * As parseJson, but integers beyond 2^53 keep their digits: they become `JSON.rawJSON` objects, which JSON.stringify writes as
 * they were. For what is passed on and not computed with, such as the arguments of tool calls.
 */
export function parseExactJson(text: string): unknown {
  if (!longNumber.test(text)) return parseJson(text);
  return parse(text, keepDigits, { protoAction: 'remove', constructorAction: 'remove' });
}

function keepDigits(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isRounded = typeof value === 'number' && !Number.isSafeInteger(value);
  const source = context?.source;
  return isRounded && source !== undefined && integer.test(source) ? JSON.rawJSON(source) : value;
}
