import { type CliSource, loadSettings } from './settings.ts';

/** Validates the configuration and exits. */
export function check(source: CliSource): number {
  const { access, sandbox, notices, host, port } = loadSettings(source);
  const real = [...access.keys()].join(', ') || 'none';
  const providers = sandbox.isOn
    ? 'all providers are sandboxed: answers are canned, and no provider is called'
    : `real providers: ${real}`;
  console.log(`The configuration is valid. Would listen on ${host}:${port}; ${providers}.`);
  for (const remark of notices) console.log(`Note: ${remark}.`);
  return 0;
}
