import { globSync, readFileSync } from 'node:fs';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, it } from 'vitest';
import { builtInProviders } from '../../src/providers/registry.ts';
import { toProviderName } from '../../src/telemetry/provider-name.ts';

/** OpenTelemetry publishes its registry as a package: every `gen_ai` name here has to be in it. */
const registry = new Set<string>(
  Object.values(conventions).flatMap((value) => (typeof value === 'string' ? [value] : [])),
);
const sources = globSync('src/telemetry/*.ts').map((path) => readFileSync(path, 'utf8'));

function names(pattern: RegExp): readonly string[] {
  return [...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name)))];
}

describe('names of telemetry', () => {
  const attributes = names(/'((?:gen_ai|http|graphql|error)\.[a-z_.]+)'/g);

  it.each(attributes)('the attribute %s is in the registry', (name) => {
    expect(registry).toContain(name);
  });

  it('attributes were found', () => {
    expect(attributes).toContain('gen_ai.response.finish_reasons');
  });

  it.each(names(/'(gen_ai_(?:client|server)_[a-z_]+)'/g))('the metric %s is in the registry', (name) => {
    const known = [...registry].map((one) => one.replaceAll('.', '_'));
    expect(known).toContain(name.replace(/_seconds$/, ''));
  });

  it.each(names(/\b(gen_ai_(?:operation|provider|request|token|response)_[a-z]+)\b/g))(
    'the label %s is an attribute of the registry',
    (name) => {
      const known = [...registry].map((one) => one.replaceAll('.', '_'));
      expect(known).toContain(name);
    },
  );

  it('providers of the registry have its names', () => {
    const values = Object.entries(conventions).flatMap(([key, value]) =>
      key.startsWith('GEN_AI_PROVIDER_NAME_VALUE_') ? [value] : [],
    );
    const named = builtInProviders
      .map(({ id }) => toProviderName(id))
      .filter((name) => values.some((value) => value === name));
    expect(named.sort()).toEqual(
      ['anthropic', 'cohere', 'deepseek', 'gcp.gemini', 'mistral_ai', 'openai', 'perplexity', 'x_ai'].sort(),
    );
  });
});
