import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import type { Proxies } from '../core/ports.ts';

export type DispatcherOptions = {
  /** A connection attempt is given up after this time. Attempts have timeouts of their own. */
  readonly connectMs: number;
  /** Maximum connections per origin. Further requests wait for a free one. */
  readonly perOrigin: number;
  /** Idle time before a connection is closed, unless the server says less. */
  readonly keepAliveMs: number;
  /** Called when the process has no socket or file descriptor left for a connection. */
  readonly onShortage?: () => void;
  /** Maximum body size. Default: none, for readers count themselves. */
  readonly maxBytes?: number;
  /** Undefined: every origin is reached directly. */
  readonly proxies?: Proxies | undefined;
};

/** How undici connects to a server. */
export function clientOptions({ keepAliveMs, maxBytes }: Pick<DispatcherOptions, 'keepAliveMs' | 'maxBytes'>) {
  return {
    // One request per connection: a stalled stream blocks no other.
    allowH2: false,
    keepAliveTimeout: keepAliveMs,
    // Its own timeouts for headers and body are coarse, and off: attempts have finer ones.
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(maxBytes !== undefined && { maxResponseSize: maxBytes }),
  } as const;
}

/** A connection pool per origin. */
export function createDispatcher({ connectMs, perOrigin, proxies, ...others }: DispatcherOptions): Dispatcher {
  const options = { ...clientOptions(others), connections: perOrigin, connect: { timeout: connectMs } };
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
