import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fileSchema } from '../../src/config/schema.ts';
import { readYaml } from '../../src/config/yaml-file.ts';
import { builtInProviders as builtIn } from '../../src/providers/registry.ts';

function yamlOf(page: string): string[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = '']) => yaml);
}

describe('the manual', () => {
  it.each(['configuration.md', 'routing.md', 'limits.md', 'observability.md', 'streaming.md'])(
    'has examples in %s that are valid',
    (page) => {
      expect(yamlOf(page).length).toBeGreaterThan(0);
      for (const yaml of yamlOf(page)) expect(readYaml(yaml, page, builtIn)).toHaveProperty('config');
    },
  );

  it('states the defaults of the code', () => {
    const [example = ''] = yamlOf('configuration.md');
    const read = readYaml(example, 'configuration.md', builtIn);
    if (!('config' in read)) throw new Error(read.problems.join());
    const defaults = fileSchema.parse({});
    const sections = [
      'resume',
      'redis',
      'sandbox',
      'concurrency',
      'connections',
      'retries',
      'cooldowns',
      'breaker',
      'images',
    ] as const;
    for (const section of sections) expect(read.config[section]).toEqual(defaults[section]);
    expect({ ...read.config.timeouts, for: {} }).toEqual(defaults.timeouts);
    // The other rows have no default of their own.
    expect(read.config.graphql).toMatchObject(defaults.graphql);
    expect(read.config.server).toMatchObject(defaults.server);
  });
});
