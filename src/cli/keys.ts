import { createHash, randomBytes } from 'node:crypto';

/** Makes a key for a caller and prints it, with what `parley.yaml` has to hold of it. Writes nothing. */
export function newKey(name: string): string {
  // The part in front is no secret: it tells keys apart in a list, where nobody wants to see more of them.
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
