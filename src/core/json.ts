import { parse } from 'secure-json-parse';

/**
 * Reads JSON. Keys that would reach a prototype are dropped. Throws for what is no JSON, with a message that quotes it: nobody
 * may see that.
 */
export function parseJson(text: string): unknown {
  return isPlain(text)
    ? JSON.parse(text)
    : parse(text, undefined, { protoAction: 'remove', constructorAction: 'remove' });
}

/** No such key, spelt out or with escapes, and no byte order mark. Nearly all texts are, and a closer look takes longer than reading. */
function isPlain(text: string): boolean {
  return !(
    text.includes('__proto__') ||
    text.includes('constructor') ||
    text.includes('\\u') ||
    text.includes('\uFEFF')
  );
}
