import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { configFolder } from '../support/gateway-process.ts';

const pages = ['configuration.md', 'security.md'];

function examplesOf(page: string): string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml = '']) => yaml);
}

describe.each(pages)('docs/%s', (page) => {
  it.each(examplesOf(page))('shows a valid configuration: %.40s…', (yaml) => {
    // Keys for persisted operations need a manifest.
    const list = /^graphql:/m.test(yaml) ? '' : 'graphql: { persistedOperations: ./persisted.json }\n';
    const directory = configFolder({ yaml: yaml + list, files: { 'persisted.json': '{}' } });
    expect(() =>
      loadConfig({ directory, env: { PARLEY_SANDBOX: '1' }, builtIn: builtInProviders, insecure: false }),
    ).not.toThrow();
  });
});
