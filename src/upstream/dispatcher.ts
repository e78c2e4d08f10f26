import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Proxies } from '../core/ports.ts';

export type DispatcherOptions = {
  /** After this a connection that does not come is given up, whoever waits for it. Calls have clocks of their own. */
  readonly connectMs: number;
  /** Most connections to one origin. Further calls wait for a free one. */
  readonly perOrigin: number;
  /** How long a connection that nobody uses is kept, unless the server says less. */
  readonly keepAliveMs: number;
  /** The largest body that is taken. Default: any, for whoever reads it counts. */
  readonly maxBytes?: number;
  /** None: every origin is reached directly. */
  readonly proxies?: Proxies | undefined;
};

/** A pool of connections for each origin. */
export function createDispatcher({
  connectMs,
  perOrigin,
  keepAliveMs,
  maxBytes,
  proxies,
}: DispatcherOptions): Dispatcher {
  const options = {
    // A stalled stream then holds nothing but its own connection.
    allowH2: false,
    connections: perOrigin,
    connect: { timeout: connectMs },
    keepAliveTimeout: keepAliveMs,
    // Its own clocks for headers and body are coarse, and off: a call has finer ones.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(maxBytes !== undefined && { maxResponseSize: maxBytes }),
  } as const;
  return proxies
    ? // Without a value it would read the environment itself.
      new EnvHttpProxyAgent({
        ...options,
        httpProxy: proxies.http?.reveal() ?? '',
        httpsProxy: proxies.https?.reveal() ?? '',
        noProxy: proxies.no ?? '',
      })
    : new Agent(options);
}
