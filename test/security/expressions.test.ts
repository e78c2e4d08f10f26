import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { check } from 'recheck';
import { parseAst } from 'rolldown/parseAst';
import { expect, it } from 'vitest';

/** No regular expression of the source takes more than linear time on any text: its input may come from outside. */

type Expression = { readonly file: string; readonly source: string; readonly flags: string };

const root = fileURLToPath(new URL('../../src/', import.meta.url));

/** Expressions that are not linear, and what bounds the text that they see. */
const bounded: ReadonlyMap<string, string> = new Map([
  [String.raw`\b(call|use|run)\b.{0,200}\b(tool|function)s?\b`, 'the beginning of a prompt to the sandbox'],
  [String.raw`\/+$`, 'a base URL, which the operator wrote'],
  [
    String.raw`encrypted content .{0,300}could not be verified|item with id 'rs_\w*' not found`,
    'cut to 2,000 characters',
  ],
  [String.raw`(?<=^(?:import|\}).* from ')([a-z@][a-z/-]*)(?=';)`, 'files of this repository'],
  [' Did you mean .*\\?$', 'cut to 2,000 characters'],
  ['(represent .*?value|represent value): .*$', 'cut to 2,000 characters'],
]);

function* expressionsIn(node: unknown, file: string): Generator<Expression> {
  if (typeof node !== 'object' || node === null) return;
  if ('regex' in node && node.regex) {
    const { pattern, flags } = node.regex as { pattern: string; flags: string };
    yield { file, source: pattern, flags };
  }
  for (const value of Object.values(node)) if (typeof value === 'object') yield* expressionsIn(value, file);
}

const expressions = globSync('**/*.ts', { cwd: root }).flatMap((file) => [
  ...expressionsIn(parseAst(readFileSync(root + file, 'utf8'), { lang: 'ts' }), file),
]);

it('finds the expressions of the source', () => {
  expect(expressions.length).toBeGreaterThan(50);
});

it('finds the expression that once stopped the gateway for five seconds', async () => {
  expect((await check('(represent .*?value|represent value): .*$', 's')).status).toBe('vulnerable');
});

it('every expression is linear, or sees a bounded text', async () => {
  const unsafe: string[] = [];
  for (const { file, source, flags } of expressions) {
    if (bounded.has(source)) continue;
    const { status } = await check(source, flags, { timeout: 5_000 });
    if (status !== 'safe') unsafe.push(`${file}: /${source}/${flags} is ${status}`);
  }
  expect(unsafe).toEqual([]);
  expect([...bounded.keys()].filter((source) => !expressions.some((one) => one.source === source))).toEqual([]);
}, 120_000);
