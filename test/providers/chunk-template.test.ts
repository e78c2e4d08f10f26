import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ProviderEvent } from '../../src/core/completion.ts';
import { mergeDeltas } from '../../src/core/stream.ts';
import type { Profile } from '../../src/providers/openai-compatible/profile.ts';
import { profiles } from '../../src/providers/openai-compatible/profiles.ts';
import { decodeStream } from '../../src/providers/openai-compatible/stream.ts';

/** Chunks of a repeated form are parsed by the text around their content. The result must equal JSON.parse. */

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom(
    '"',
    '\\',
    '\n',
    '","',
    '"}',
    '\u2028',
    'id-1',
    'm',
    'content',
    'stop',
    '<think>',
    '</think>',
    '[DONE]',
  ),
);
const delta = fc.oneof(
  { weight: 8, arbitrary: fc.record({ content: text }) },
  fc.record({ content: text, role: fc.constant('assistant') }),
  fc.record({ content: text, reasoning_content: text }),
  fc.record({ content: text, refusal: fc.constantFrom(null, 'No') }),
  fc.constant({ tool_calls: [{ index: 0, id: 'call-1', function: { name: 'f', arguments: '{}' } }] }),
);
const chunk = fc
  .record({
    delta,
    finish: fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, fc.constant('stop')),
    more: fc.oneof(
      { weight: 6, arbitrary: fc.constant({}) },
      fc.record({ usage: fc.constant({ prompt_tokens: 3, completion_tokens: 4 }) }),
      fc.record({ citations: fc.constant(['https://a.example']) }),
      fc.record({ obfuscation: text }),
    ),
    /** Meaningless, and enough to break the repeated form. */
    indent: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ delta, finish, more, indent }) => ({
    indent,
    body: { id: 'id-1', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }], ...more },
  }));

function read(profile: Profile, sources: readonly string[]): readonly ProviderEvent[] {
  const decoder = decodeStream(profile);
  return mergeDeltas([...sources, '[DONE]'].flatMap((data) => decoder.push({ event: undefined, data })));
}

it.each(profiles.map((profile): [string, Profile] => [profile.id, profile]))(
  'a stream of %s says the same, alike or not',
  (_id, profile) => {
    fc.assert(
      fc.property(fc.array(chunk, { minLength: 1, maxLength: 12 }), (chunks) => {
        const alike = chunks.map(({ body }) => JSON.stringify(body));
        const unlike = chunks.map(
          ({ body, indent }, index) => JSON.stringify(body, null, ' '.repeat(indent)) + ' '.repeat(index % 2),
        );
        const spelt = alike.map((source) => source.replace('"id-1"', String.raw`"\u0069d-1"`));
        const told = read(profile, unlike);
        expect(read(profile, alike)).toEqual(told);
        expect(read(profile, spelt)).toEqual(told);
      }),
      { numRuns: 100 },
    );
  },
);

it('an id that looks like the text of a chunk is not read as text', () => {
  const chunk = (id: string) =>
    `{"id":"${id}","choices":[{"index":0,"delta":{"content":"\\u0061b"},"finish_reason":null}]}`;
  const [profile] = profiles;
  const text = read(profile, ['ab', 'cd', 'ef'].map(chunk)).flatMap((event) =>
    event.type === 'content' ? event.text : [],
  );
  expect(text.join('')).toBe('ababab');
});
