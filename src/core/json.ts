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
