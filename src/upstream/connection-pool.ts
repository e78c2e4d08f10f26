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
type Line = { readonly free: Client[]; readonly waiting: Request[]; size: number };

/**
 * Connections that are used again, the one used last first, so that those of a busy hour run out when it is over. undici's
 * own pools look at every one of them whenever one closes: ten thousand streams that end together took them minutes.
 */
export function createConnections(given: Omit<DispatcherOptions, 'proxies'>): Sender {
  const { perOrigin, connectMs } = given;
  const shared = clientOptions(given);
  const lines = new Map<string, Line>();
  const clients = new Set<Client>();
  // One for all, for it remembers TLS sessions.
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  let isClosed = false;

  function open(origin: string, line: Line): Client {
    const opened = new Client(origin, { ...shared, connect });
    clients.add(opened);
    line.size += 1;
    opened.on('disconnect', () => {
      const place = line.free.indexOf(opened);
      if (place < 0) return;
      line.free.splice(place, 1);
      close(origin, line, opened);
    });
    return opened;
  }

  function close(origin: string, line: Line, closed: Client): void {
    line.size -= 1;
    if (line.size === 0) lines.delete(origin);
    clients.delete(closed);
    void closed.destroy();
  }

  function send(origin: string, line: Line, one: Client, { options, handler }: Request): void {
    let isDone = false;
    const done = () => {
      if (isDone) return;
      isDone = true;
      const next = nextOf(line);
      if (next) send(origin, line, one, next);
      else if (one.stats.connected) line.free.push(one);
      else close(origin, line, one);
    };
    one.dispatch(options, {
      onRequestStart: (...told) => handler.onRequestStart?.(...told),
      onResponseStart: (...told) => handler.onResponseStart?.(...told),
      onResponseData: (...told) => handler.onResponseData?.(...told),
      onResponseEnd(...told) {
        handler.onResponseEnd?.(...told);
        done();
      },
      onResponseError(...told) {
        handler.onResponseError?.(...told);
        done();
      },
    });
  }

  return {
    dispatch(options, handler) {
      if (isClosed) throw new errors.ClientDestroyedError();
      const origin = String(options.origin);
      const line = lines.get(origin) ?? { free: [], waiting: [], size: 0 };
      lines.set(origin, line);
      const request = { options, handler };
      const free = line.free.pop();
      if (free) send(origin, line, free, request);
      else if (line.size < perOrigin) send(origin, line, open(origin, line), request);
      else line.waiting.push(request);
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

function nextOf({ waiting }: Line): Request | undefined {
  let next = waiting.shift();
  while (next?.handler.isOver?.()) next = waiting.shift();
  return next;
}
