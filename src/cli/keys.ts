import { createHash, randomBytes } from 'node:crypto';

/** Generates a caller key and prints it together with the lines for `parley.yaml`. Writes no file. */
export function newKey(name: string): string {
  // The prefix is not secret: it identifies a key in a list without revealing more of it.
  const key = `parley_${randomBytes(4).toString('hex')}_${randomBytes(32).toString('base64url')}`;
  const sha256 = createHash('sha256').update(key).digest('hex');
  return `The key of "${name}". It is shown this once and kept nowhere:

  ${key}

For parley.yaml, which holds its hash only:

callers:
  - name: ${name}
    sha256: "${sha256}"
    # models: [openai/gpt-4o, mistral/*]   # nothing else may be asked
    # persistedOnly: true                  # for a key that browsers see
    # limits: { requestsPerMinute: 60, budgetPerDayUsd: 5 }   # docs/limits.md has more
    # admin: true                          # may ask for the schema
`;
}
