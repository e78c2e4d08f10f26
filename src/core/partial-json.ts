import { parseJson } from './json.ts';
import { withoutFence } from './structured-output.ts';

/**
 * The value of a JSON text that is still being written: what is complete of it, with open strings, lists and objects closed
 * where they are. A number or word at the end is left out, for it may go on; so is a name without a value. Undefined before
 * there is a value.
 */
export function partialValue(text: string): unknown {
  const json = withoutFence(text);
  const cut = lastComplete(json);
  if (cut === undefined) return undefined;
  try {
    return parseJson(json.slice(0, cut.end) + cut.closing);
  } catch {
    return undefined;
  }
}

type Cut = { readonly end: number; readonly closing: string };

/** Far deeper than any answer needs. */
const maxDepth = 100;

/** The longest beginning that becomes JSON when what is open in it is closed. */
function lastComplete(json: string): Cut | undefined {
  const open: string[] = [];
  /** Whether the next string is a name of an object. */
  let isName = false;
  let best: Cut | undefined;
  const note = (end: number, inString = '') => {
    best = { end, closing: inString + open.toReversed().join('') };
  };
  for (let index = 0; index < json.length; index++) {
    switch (json[index]) {
      case '{':
      case '[': {
        if (open.length >= maxDepth) return undefined;
        const isObject = json[index] === '{';
        open.push(isObject ? '}' : ']');
        isName = isObject;
        note(index + 1);
        break;
      }
      case '}':
      case ']':
        open.pop();
        isName = false;
        note(index + 1);
        break;
      case ':':
        isName = false;
        break;
      case ',':
        isName = open.at(-1) === '}';
        // What comes before a comma is complete: a number or a word.
        note(index);
        break;
      case '"': {
        const end = endOfString(json, index);
        if (!isName) note(end.at, end.isClosed ? '' : '"');
        if (!end.isClosed) return best;
        index = end.at - 1;
        break;
      }
    }
    if (open.length === 0 && best) return best;
  }
  return best;
}

/** The position after a string, or after the last whole character of one that is open. */
function endOfString(json: string, start: number): { readonly at: number; readonly isClosed: boolean } {
  for (let index = start + 1; index < json.length; index++) {
    if (json[index] === '"') return { at: index + 1, isClosed: true };
    if (json[index] !== '\\') continue;
    const length = json[index + 1] === 'u' ? 6 : 2;
    if (index + length > json.length) return { at: index, isClosed: false };
    index += length - 1;
  }
  return { at: json.length, isClosed: false };
}
