import { beforeAll, describe, expect, it } from 'vitest';
import { faces } from './ask.ts';
import { catalogue } from './catalogue.ts';
import { inside, ways } from './verdict.ts';
import { type Result, walk } from './walk.ts';
import { wires } from './wires.ts';

/** Each fault at each place, with family, mode and face in rotation; `npm run faults` runs all combinations. */

const cases = catalogue.flatMap((fault, index) =>
  fault.places.flatMap((place, nth) => {
    const turn = index + nth;
    const [wire, way, face] = [wires[turn % 4], ways[turn % 3], faces[Math.floor(turn / 2) % faces.length]];
    return wire && way && face ? [{ fault, place, wire, way, face }] : [];
  }),
);
const nameOf = ({ fault, place, wire, way, face }: (typeof cases)[number]) =>
  `${fault.number} ${fault.title}, ${place}: ${wire.provider}, ${way}, ${face}`;

describe('a faulty provider', () => {
  let results: ReadonlyMap<string, Result>;
  let output: string;
  beforeAll(async () => {
    const walked = await walk(cases, 16);
    results = new Map(walked.results.map((result) => [nameOf(result), result]));
    output = walked.output;
  }, 60_000);

  it('is covered in all of the 64 ways', () => {
    const numbers = new Set(catalogue.map(({ number }) => number));
    expect([...numbers]).toEqual(Array.from({ length: 64 }, (_, index) => index + 1));
  });

  it.each(cases.map(nameOf))('leads to the expected result: %s', (name) => {
    const result = results.get(name);
    expect(result?.seen).toBe(result?.isRight ? result.seen : result?.expected);
  });

  it('leaves no stack trace, no key, no prompt and no defect in the log', () => {
    expect(output).not.toMatch(inside);
    expect(output).not.toMatch(/unhandled|"level":50/i);
  });
});
