import { newKey } from '../../src/cli/keys.ts';

export type TestKey = {
  readonly key: string;
  /** Its entry in the list of callers. */
  readonly entry: string;
};

/** A key as the command line makes it. `more` is appended to its entry: "admin: true". */
export function callerKey(name: string, more = ''): TestKey {
  const printed = newKey(name);
  const [key = ''] = /parley_\S+/.exec(printed) ?? [];
  const [, sha256 = ''] = /sha256: "(\w+)"/.exec(printed) ?? [];
  return { key, entry: `{ name: ${name}, sha256: "${sha256}"${more && `, ${more}`} }` };
}

/** The `callers` of parley.yaml. */
export function callersYaml(...keys: readonly TestKey[]): string {
  return `callers:\n${keys.map(({ entry }) => `  - ${entry}\n`).join('')}`;
}
