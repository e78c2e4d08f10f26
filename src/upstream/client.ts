import { parse } from 'secure-json-parse';
import { type Dispatcher, errors } from 'undici';
import { GatewayError } from '../core/errors.ts';
import type { Upstream, UpstreamRequest } from '../core/ports.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { serverSentEvents } from './sse.ts';

/** A whole answer larger than this is refused: no chat model writes so much. */
const maxWholeBytes = 32 * 1024 * 1024;
/** After the end marker the rest of a body is read and dropped, so that its connection can be used again. */
const drain = { limit: 64 * 1024, timeoutMs: 500 };

/** The one place that opens outgoing sockets. */
export function createUpstream(options: DispatcherOptions): Upstream {
  const dispatcher = createDispatcher(options);
  return {
    async send({ url, headers, body, signal, connected, during }) {
      if (signal.aborted) throw toUpstreamError(signal.reason, url, signal);
      const answered = dispatcher.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'POST',
        // Compressed streams arrive in lumps and may end without a word when cut.
        headers: { 'content-type': 'application/json', 'accept-encoding': 'identity', ...headers },
        body: JSON.stringify(body),
        signal,
        opaque: connected,
      });
      const response = await during(orAborted(answered, signal)).catch((thrown: unknown) => {
        throw toUpstreamError(thrown, url, signal);
      });
      // Destroying a body makes it emit an error, which nobody may be there to hear.
      response.body.on('error', () => {});
      const read = pieces(response.body, url, signal, during);
      return {
        status: response.statusCode,
        headers: response.headers,
        text: () => readText(read),
        json: async () => readJson(await readText(read), url, response.statusCode),
        events: () => serverSentEvents(read),
        discard: () => void response.body.destroy(),
      };
    },
    // `close` would wait for running answers; whoever closes has already decided not to.
    close: () => dispatcher.destroy(),
  };
}

/** undici notices a signal only once a request has a connection; until then it would wait with those who have left. */
async function orAborted<T>(answered: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([answered, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

async function* pieces(
  body: Dispatcher.ResponseData['body'],
  url: URL,
  signal: AbortSignal,
  during: UpstreamRequest['during'],
): AsyncGenerator<Uint8Array> {
  let ended = false;
  try {
    // The iterator of a stream destroys it when left early; `dump` below decides that instead.
    for await (const piece of withWaits(body.iterator({ destroyOnReturn: false }), during)) yield piece;
    ended = true;
  } catch (thrown) {
    ended = true;
    throw toUpstreamError(thrown, url, signal);
  } finally {
    if (!ended) {
      if (signal.aborted) body.destroy();
      else
        await body
          .dump({ limit: drain.limit, signal: AbortSignal.timeout(drain.timeoutMs) })
          .catch(() => body.destroy());
    }
  }
}

function withWaits<T>(source: AsyncIterator<T>, during: UpstreamRequest['during']): AsyncIterable<T> {
  const end = source.return?.bind(source);
  return { [Symbol.asyncIterator]: () => ({ next: () => during(source.next()), ...(end && { return: end }) }) };
}

/** Collects a whole body as text. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > maxWholeBytes) {
      throw new GatewayError('UPSTREAM_MALFORMED', `The provider's answer is larger than ${maxWholeBytes} bytes.`);
    }
    read.push(piece);
  }
  return Buffer.concat(read).toString('utf8');
}

function readJson(text: string, { host }: URL, status: number): unknown {
  try {
    return parse(text.trim(), undefined, { protoAction: 'remove', constructorAction: 'remove' });
  } catch {
    // The parser's own message quotes the text.
    const what = text.trim() === '' ? 'an empty body' : 'something that is not JSON';
    throw new GatewayError('UPSTREAM_MALFORMED', `${host} answered with ${what}.`, { status });
  }
}

/** What this machine or process has run out of: descriptors, memory, ports (errno(3)). */
const shortages = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

function toUpstreamError(thrown: unknown, url: URL, signal: AbortSignal): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (signal.aborted) {
    if (signal.reason instanceof GatewayError) return signal.reason;
    return new GatewayError('CANCELLED', 'The caller left.', { cause: thrown });
  }
  const host = url.host;
  const cause = thrown instanceof Error ? thrown : undefined;
  if (
    thrown instanceof errors.ConnectTimeoutError ||
    thrown instanceof errors.HeadersTimeoutError ||
    thrown instanceof errors.BodyTimeoutError
  ) {
    return new GatewayError('UPSTREAM_TIMEOUT', `${host} did not answer in time.`, { cause });
  }
  // A parser that stumbles over nothing has met the end of its connection in the middle of a body.
  const isCutShort = thrown instanceof errors.HTTPParserError && 'data' in thrown && thrown.data === '';
  if ((thrown instanceof errors.HTTPParserError && !isCutShort) || thrown instanceof errors.HeadersOverflowError) {
    return new GatewayError('UPSTREAM_MALFORMED', `${host} does not speak proper HTTP.`, { cause });
  }
  const code = reasonOf(thrown);
  if (code !== undefined && shortages.has(code)) {
    const message = `This gateway has nothing left to open a connection to ${host} with (${code}).`;
    return new GatewayError('UPSTREAM_UNREACHABLE', message, { cause, isOurs: true });
  }
  return new GatewayError('UPSTREAM_UNREACHABLE', `The connection to ${host} failed${code ? ` (${code})` : ''}.`, {
    cause,
  });
}

function reasonOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors[0]);
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
