import { createFieldNames, type FieldNames } from './field-names.ts';

/** Where a message of ChatInput comes from in an API that arranges them otherwise. */
export type Place = {
  /** The caller's message or item, such as `messages[2]`. */
  readonly path: string;
  /** The index of the caller's block for each part. */
  readonly blocks: readonly number[];
};

/** What an API calls a field of ChatInput, and of its messages. Everything else differs by its case alone. */
export type NameRules = readonly (readonly [RegExp, string])[];

const plain = createFieldNames({});

/** Field names of an API whose messages are those at `places`. */
export function createPlacedNames(places: readonly Place[], fields: NameRules, ofMessages: NameRules): FieldNames {
  const rename = (path: string, rules: NameRules) =>
    rules.reduce((written, [name, other]) => written.replace(name, other), path);

  function path(given: string): string {
    const [whole, index, rest = ''] = /^messages\[(\d+)\](.*)$/.exec(given) ?? [];
    if (whole === undefined) return plain.text(rename(given, fields));
    const place = places[Number(index)];
    if (!place) return 'messages';
    const [, part, inner = ''] = /^\.parts\[(\d+)\](.*)$/.exec(rest) ?? [];
    const block = part === undefined ? undefined : place.blocks[Number(part)];
    if (block === undefined) return plain.text(place.path + rename(rest, ofMessages));
    return `${place.path}.content[${block}]${plain.text(rename(inner, ofMessages))}`;
  }
  return { path, text: plain.text };
}
