import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProviderCompletion } from '../../src/core/completion.ts';

const root = fileURLToPath(new URL('../recordings/', import.meta.url));

/** One answer in two forms: whole and streamed, with its content. */
export type Recording = {
  /** The wire it is of, by its name in wires.ts. */
  readonly wire: string;
  readonly name: string;
  readonly whole: unknown;
  readonly stream: Buffer;
  readonly expected: Partial<ProviderCompletion>;
};

export const recordings: readonly Recording[] = readdirSync(root).flatMap((wire) =>
  readdirSync(root + wire).map((name) => {
    const read = (file: string) => readFileSync(`${root}${wire}/${name}/${file}`);
    return {
      wire,
      name,
      whole: JSON.parse(read('whole.json').toString()),
      stream: read('stream.sse'),
      expected: JSON.parse(read('expected.json').toString()),
    };
  }),
);
