import { type Config, ConfigError, type ConfigSource, loadConfig } from '../config/load.ts';
import { problemsOf } from '../graphql/persisted.ts';
import { builtInProviders } from '../providers/registry.ts';

export type CliSource = Omit<ConfigSource, 'builtIn'>;

/** The configuration as the command line loads it. Throws a ConfigError that lists every problem. */
export function loadSettings(source: CliSource): Config {
  const config = loadConfig({ ...source, builtIn: builtInProviders });
  const { manifest, graphql } = config;
  const problems = manifest ? problemsOf(manifest, graphql) : [];
  if (problems.length > 0)
    throw new ConfigError(problems.map((problem) => `${graphql.persistedOperations}: ${problem}`));
  return config;
}
