import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/core/json.ts';
import { partialValue } from '../../src/core/partial-json.ts';

/** What a snapshot may lack of the whole: texts and lists may be shorter, objects may have fewer fields. */
function isBeginning(part: unknown, whole: unknown): boolean {
  if (typeof part === 'string') return typeof whole === 'string' && whole.startsWith(part);
  if (Array.isArray(part)) {
    return Array.isArray(whole) && part.length <= whole.length && part.every((one, at) => isBeginning(one, whole[at]));
  }
  if (typeof part === 'object' && part !== null) {
    return (
      typeof whole === 'object' &&
      whole !== null &&
      Object.entries(part).every(([name, value]) => isBeginning(value, (whole as Record<string, unknown>)[name]))
    );
  }
  return Object.is(part, whole);
}

const json = fc.json({ maxDepth: 4, stringUnit: 'grapheme' });

describe('JSON that is still being written', () => {
  it('is a beginning of the value after any character, and the value at its end', () => {
    fc.assert(
      fc.property(json, fc.boolean(), (text, isPretty) => {
        // Without "__proto__", which is read nowhere.
        const whole = parseJson(text);
        const written = isPretty ? JSON.stringify(whole, undefined, 2) : text;
        for (let length = 0; length < written.length; length++) {
          const part = partialValue(written.slice(0, length));
          if (part !== undefined) expect(isBeginning(part, whole)).toBe(true);
        }
        if (typeof whole === 'object' && whole !== null) expect(partialValue(written)).toEqual(whole);
      }),
    );
  });

  it.each([
    ['{"a": [1, 2', { a: [1] }],
    ['{"a": "hel', { a: 'hel' }],
    ['{"a": "quote \\', { a: 'quote ' }],
    ['{"a": "\\u00', { a: '' }],
    ['{"a": true, "b', { a: true }],
    ['{"a": tru', {}],
    ['```json\n{"a": 1, "b": [', { a: 1, b: [] }],
    ['```json\n{"a": 1}\n```', { a: 1 }],
    ['{"a": 1} and more', { a: 1 }],
    ['Sure!', undefined],
    ['', undefined],
  ])('%j is %j', (text, expected) => {
    expect(partialValue(text)).toEqual(expected);
  });

  it('is not read where it is nested without end', () => {
    expect(partialValue('['.repeat(100_000))).toBeUndefined();
  });
});
