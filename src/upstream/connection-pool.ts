import { buildConnector, Client, type Dispatcher, errors } from 'undici';
import { clientOptions, type DispatcherOptions } from './dispatcher.ts';

export type Handler = Dispatcher.DispatchHandler & {
  /** Whether the response is no longer wanted: a request that was not sent is then dropped. */
  readonly isOver?: () => boolean;
};

/** The part of undici's dispatcher that is used. */
export type Sender = {
  dispatch(options: Dispatcher.DispatchOptions, handler: Handler): boolean;
  destroy(): Promise<void>;
};

type Request = { readonly options: Dispatcher.DispatchOptions; readonly handler: Handler };

/** The connections to one origin. */
type OriginPool = { readonly free: Client[]; readonly waiting: Request[]; size: number };

/**
 * A connection pool that reuses the last used connection first, so that those of a busy hour close when it is over. It
 * stands for undici's pools, which look at every connection whenever one closes: ten thousand streams that ended
 * together took minutes (decision 0062). test/upstream/connection-pool.test.ts holds its behaviour.
 */
export function createConnectionPool(given: Omit<DispatcherOptions, 'proxies'>): Sender {
  const { perOrigin, connectMs } = given;
  const shared = clientOptions(given);
  const lines = new Map<string, OriginPool>();
  const clients = new Set<Client>();
  // One for all origins, because it caches TLS sessions.
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  let isClosed = false;

  function open(origin: string, pool: OriginPool): Client {
    const opened = new Client(origin, { ...shared, connect });
    clients.add(opened);
    pool.size += 1;
    opened.on('disconnect', () => {
      const index = pool.free.indexOf(opened);
      if (index < 0) return;
      pool.free.splice(index, 1);
      close(origin, pool, opened);
    });
    return opened;
  }

  function close(origin: string, pool: OriginPool, closed: Client): void {
    pool.size -= 1;
    if (pool.size === 0) lines.delete(origin);
    clients.delete(closed);
    void closed.destroy();
  }

  function send(origin: string, pool: OriginPool, one: Client, { options, handler }: Request): void {
    let isDone = false;
    const done = () => {
      if (isDone) return;
      isDone = true;
      const next = nextOf(pool);
      if (next) send(origin, pool, one, next);
      else if (one.stats.connected) pool.free.push(one);
      else close(origin, pool, one);
    };
    one.dispatch(options, {
      onRequestStart: (...args) => handler.onRequestStart?.(...args),
      onResponseStart: (...args) => handler.onResponseStart?.(...args),
      onResponseData: (...args) => handler.onResponseData?.(...args),
      onResponseEnd(...args) {
        handler.onResponseEnd?.(...args);
        done();
      },
      onResponseError(...args) {
        handler.onResponseError?.(...args);
        done();
      },
    });
  }

  return {
    dispatch(options, handler) {
      if (isClosed) throw new errors.ClientDestroyedError();
      const origin = String(options.origin);
      const pool = lines.get(origin) ?? { free: [], waiting: [], size: 0 };
      lines.set(origin, pool);
      const request = { options, handler };
      const free = pool.free.pop();
      if (free) send(origin, pool, free, request);
      else if (pool.size < perOrigin) send(origin, pool, open(origin, pool), request);
      else pool.waiting.push(request);
      return true;
    },
    async destroy() {
      isClosed = true;
      for (const { waiting } of lines.values()) {
        for (const { handler } of waiting.splice(0)) {
          handler.onResponseError?.(noController, new errors.ClientDestroyedError());
        }
      }
      await Promise.all([...clients].map((one) => one.destroy()));
    },
  };
}

/** The controller of a request that no connection has seen. */
const noController: Dispatcher.DispatchController = {
  aborted: true,
  paused: false,
  reason: null,
  abort() {},
  pause() {},
  resume() {},
};

function nextOf({ waiting }: OriginPool): Request | undefined {
  let next = waiting.shift();
  while (next?.handler.isOver?.()) next = waiting.shift();
  return next;
}
