import type { Proxies } from '../core/ports.ts';
import { Secret } from '../core/secret.ts';

/** The variables that curl reads, in both spellings; lower case wins, as there. */
export function readProxies(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Proxies | undefined {
  const read = (name: string) => env[name.toLowerCase()] ?? env[name];
  const address = (name: string) => {
    const value = read(name)?.trim();
    if (value === undefined) return undefined;
    if (isProxy(value)) return new Secret(value);
    problems.push(`${name}: expected the address of a proxy ("http://proxy.example:3128")`);
    return undefined;
  };
  const [http, https] = [address('HTTP_PROXY'), address('HTTPS_PROXY')];
  return http || https ? { http, https, no: read('NO_PROXY') } : undefined;
}

function isProxy(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
