import { array, object, readJson, type WireObject } from '../read-json.ts';

/**
 * Reads chunks that differ from a known one only in their text without parsing them. It stands for JSON.parse: once a
 * chunk with nothing but text was parsed, chunks with the same surroundings are matched as strings, and what lies
 * between is one JSON string. It takes a tenth of the time; test/providers/chunk-template.test.ts holds it equal to
 * parsing.
 */
export type ChunkTemplate = {
  /** Learns from a parsed chunk. */
  learn(json: string, chunk: WireObject): void;
  /** The text of a chunk that matches the learned one. */
  textOf(json: string): string | undefined;
};

const maxCredit = 3;

/** No end of a string, no escape and no control character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings.
const isAsItReads = /^[^"\\\u0000-\u001f]*$/;

export function createChunkTemplate(): ChunkTemplate {
  let before = '';
  let after = '';
  /** Some hosts put something new into each chunk: learning is then given up. */
  let credit = maxCredit;

  return {
    learn(json, chunk) {
      const text = credit > 0 ? loneText(chunk) : undefined;
      if (text === undefined) return;
      credit -= 1;
      const written = JSON.stringify(text);
      const start = json.indexOf(written);
      if (start < 0) return;
      const [head, tail] = [json.slice(0, start + 1), json.slice(start + written.length - 1)];
      // The text may occur elsewhere in the chunk, or be spelled with escapes.
      const isThere =
        loneText(object(readJson(`${head}other than ${written.slice(1, -1)}${tail}`))) === `other than ${text}`;
      if (isThere) [before, after] = [head, tail];
    },
    textOf(json) {
      const end = json.length - after.length;
      if (before === '' || end < before.length) return undefined;
      // Compared as slices, which takes a third of the time of startsWith and endsWith.
      if (json.slice(0, before.length) !== before || json.slice(end) !== after) return undefined;
      credit = maxCredit;
      const written = json.slice(before.length, end);
      if (isAsItReads.test(written)) return written;
      const text = readJson(`"${written}"`);
      return typeof text === 'string' ? text : undefined;
    },
  };
}

/** The text of a chunk that holds nothing else. */
function loneText(chunk: WireObject): string | undefined {
  const { usage, choices, citations, search_results: results } = chunk;
  const [choice, other] = array(choices);
  const { delta, finish_reason: finishReason, message, logprobs } = object(choice);
  const { content, ...more } = object(delta);
  const data = [usage, citations, results, other, finishReason, message, logprobs, ...Object.values(more)];
  if (typeof content !== 'string' || content === '') return undefined;
  return data.every((value) => value === undefined || value === null) ? content : undefined;
}
