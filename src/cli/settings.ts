import { type Config, type ConfigSource, loadConfig } from '../config/load.ts';
import { builtInProviders } from '../providers/registry.ts';

export type CliSource = Omit<ConfigSource, 'builtIn'>;

/** The configuration, as the command line sees it. Throws a ConfigError that names every problem. */
export function loadSettings(source: CliSource): Config {
  return loadConfig({ ...source, builtIn: builtInProviders });
}
