import { buildConnector, Client, type Dispatcher, errors } from 'undici';
import { clientOptions, type DispatcherOptions } from './dispatcher.ts';

export type Handler = Dispatcher.DispatchHandler & {
  /** Whether nobody waits for the answer any more: what was not sent yet is then not sent at all. */
  readonly isOver?: () => boolean;
};

/** What is asked of undici here. */
export type Sender = {
  dispatch(options: Dispatcher.DispatchOptions, handler: Handler): boolean;
  destroy(): Promise<void>;
};

type Request = { readonly options: Dispatcher.DispatchOptions; readonly handler: Handler };

/** The connections to one origin. */
type OriginPool = { readonly free: Client[]; readonly waiting: Request[]; size: number };

/**
 * Connections that are used again, the one used last first, so that those of a busy hour run out when it is over. undici's
 * own pools look at every one of them whenever one closes: ten thousand streams that end together took them minutes.
 */
export function createConnectionPool(given: Omit<DispatcherOptions, 'proxies'>): Sender {
  const { perOrigin, connectMs } = given;
  const shared = clientOptions(given);
  const lines = new Map<string, OriginPool>();
  const clients = new Set<Client>();
  // One for all, for it remembers TLS sessions.
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
          handler.onResponseError?.(nobody, new errors.ClientDestroyedError());
        }
      }
      await Promise.all([...clients].map((one) => one.destroy()));
    },
  };
}

/** Of a request that no connection has seen. */
const nobody: Dispatcher.DispatchController = {
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
