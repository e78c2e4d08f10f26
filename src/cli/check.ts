import { type CliSource, loadSettings } from './settings.ts';

/** Validates the configuration and exits. */
export function check(source: CliSource): number {
  const { access, sandbox, notices, host, port } = loadSettings(source);
  const real = [...access.keys()].join(', ') || 'none';
  console.log(
    `The configuration is valid. Would listen on ${host}:${port}; real providers: ${sandbox.isOn ? 'none' : real}.`,
  );
  for (const remark of notices) console.log(`Note: ${remark}.`);
  return 0;
}
