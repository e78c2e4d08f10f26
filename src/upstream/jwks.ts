import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { GatewayError } from '../core/errors.ts';
import type { Clock, Proxies } from '../core/ports.ts';
import { createDispatcher } from './dispatcher.ts';

const maxBytes = 1_000_000;
const timeoutMs = 5_000;
/** After a failed fetch the issuer is left alone this long: every token without a known key would fetch again. */
const failureCooldownMs = 1_000;

/**
 * The JWKS (RFC 7517) of the token issuer: fetched when first needed, again after ten minutes, and for an unknown key
 * at most every thirty seconds, so that tokens with made-up keys cannot flood the issuer.
 */
export function createJwks(url: URL, proxies: Proxies | undefined, clock: Clock): JWTVerifyGetKey {
  const dispatcher = createDispatcher({
    connectMs: timeoutMs,
    perOrigin: 2,
    keepAliveMs: timeoutMs,
    maxBytes,
    proxies,
  });
  const find = createRemoteJWKSet(url, {
    timeoutDuration: timeoutMs,
    cacheMaxAge: 600_000,
    cooldownDuration: 30_000,
    // Follows no redirect, and keeps no connection for ten minutes.
    [customFetch]: async (address, { headers, signal }) => {
      const { origin, pathname, search } = new URL(address);
      const answer = await dispatcher.request({
        origin,
        path: pathname + search,
        method: 'GET',
        headers: Object.fromEntries(headers),
        signal,
        reset: true,
      });
      return new Response(await answer.body.text(), { status: answer.statusCode });
    },
  });
  let unavailable: { readonly until: number; readonly error: GatewayError } | undefined;
  return async (header, token) => {
    if (unavailable && unavailable.until > clock.now()) throw unavailable.error;
    try {
      const key = await find(header, token);
      unavailable = undefined;
      return key;
    } catch (thrown) {
      if (thrown instanceof errors.JWKSNoMatchingKey || thrown instanceof errors.JWKSMultipleMatchingKeys) throw thrown;
      const error = new GatewayError('UPSTREAM_UNREACHABLE', `JWKS unavailable at ${url.host}`, { cause: thrown });
      unavailable = { until: clock.now() + failureCooldownMs, error };
      throw error;
    }
  };
}
