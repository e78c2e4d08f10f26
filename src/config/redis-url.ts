import { Secret } from '../core/secret.ts';

/** The Redis that gateways share. The URL may hold a password. */
export function readRedisUrl(
  env: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Secret | undefined {
  const value = env['PARLEY_REDIS_URL']?.trim();
  if (value === undefined) return undefined;
  if (URL.canParse(value) && /^rediss?:$/.test(new URL(value).protocol)) return new Secret(value);
  problems.push(
    'PARLEY_REDIS_URL: expected the address of a Redis ("redis://redis.example:6379", or rediss:// for TLS)',
  );
  return undefined;
}
