import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import plugin from '@graphql-eslint/eslint-plugin';
import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';

/** The schema by graphql-eslint's rules for schemas: descriptions, casing, deprecations, unreachable types. */

const path = fileURLToPath(new URL('../../schema.graphql', import.meta.url));
const source = readFileSync(path, 'utf8');
const rules = {
  ...plugin.configs['flat/schema-recommended'].rules,
  // Kinds of definitions that need a description, all of them.
  '@graphql-eslint/require-description': [
    'error',
    {
      types: true,
      DirectiveDefinition: true,
      EnumValueDefinition: true,
      FieldDefinition: true,
      InputValueDefinition: true,
      rootField: true,
    },
  ],
  '@graphql-eslint/require-deprecation-reason': 'error',
  '@graphql-eslint/no-hashtag-description': 'error',
  '@graphql-eslint/no-typename-prefix': 'error',
  '@graphql-eslint/unique-enum-value-names': 'error',
  '@graphql-eslint/description-style': ['error', { style: 'block' }],
  // It loads a second copy of graphql here; the schema's own construction checks this.
  '@graphql-eslint/provided-required-arguments': 'off',
  // Values have no id: docs/clients.md says how caches keep them.
  '@graphql-eslint/strict-id-in-types': 'off',
} as const;

function problemsOf(schema: string): string[] {
  const linter = new Linter({ cwd: fileURLToPath(new URL('.', import.meta.url)) });
  const config = {
    files: ['**/*.graphql'],
    plugins: { '@graphql-eslint': plugin as never },
    languageOptions: { parser: plugin.parser as never, parserOptions: { graphQLConfig: { schema } } },
    rules: rules as never,
  };
  const found = linter.verify(schema, config, { filename: 'schema.graphql' });
  return found.map(({ line, ruleId, message }) => `${line} ${ruleId}: ${message}`);
}

describe('schema.graphql by graphql-eslint', () => {
  it('has no problem', () => {
    expect(problemsOf(source)).toEqual([]);
  });

  it.each([
    ['a field without a description', 'type Extra { plain: Int }', 'require-description'],
    [
      'a type that nothing reaches',
      '"""Alone."""\ntype Extra {\n  """A number."""\n  plain: Int\n}',
      'no-unreachable-types',
    ],
  ])('finds %s', (_title, extra, rule) => {
    expect(problemsOf(`${source}\n${extra}\n`).join('\n')).toContain(rule);
  });
});
