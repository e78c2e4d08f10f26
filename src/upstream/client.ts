import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { errors } from 'undici';
import type { AbortSignalLike } from '../core/abort.ts';
import { GatewayError } from '../core/errors.ts';
import { parseExactJson } from '../core/json.ts';
import type { Upstream } from '../core/ports.ts';
import { createConnectionPool } from './connection-pool.ts';
import { createDispatcher, type DispatcherOptions } from './dispatcher.ts';
import { type HttpResponse, sendRequest } from './http-request.ts';
import { serverSentEvents } from './sse.ts';

/** Maximum size of a whole answer: no chat model writes so much. */
const maxWholeBytes = 32 * 1024 * 1024;

/** The only place that opens outgoing sockets. */
export function createUpstream(options: DispatcherOptions): Upstream {
  const sender = options.proxies ? createDispatcher(options) : createConnectionPool(options);
  return {
    async send({ provider, url, headers, body, signal, onConnected, waitTimer }) {
      const explain = (thrown: unknown) => {
        const error = toUpstreamError(thrown, provider, signal);
        if (error.isLocal) options.onShortage?.();
        return error;
      };
      if (signal.aborted) throw explain(signal.reason);
      const answer = await sendRequest(sender, {
        origin: url.origin,
        path: url.pathname + url.search,
        // Compressed streams arrive in lumps, and may end without an error when cut.
        headers: { 'content-type': 'application/json', 'accept-encoding': 'identity', ...headers },
        body,
        signal,
        onConnected,
        waitTimer,
        explain,
      });
      return {
        status: answer.status,
        headers: answer.headers,
        text: () => readError(answer.body, String(answer.headers['content-encoding'] ?? 'identity')),
        json: async () => readJson(await readText(answer.body), provider, answer.status),
        events: (framing = serverSentEvents) => framing(answer.body),
        discard: answer.abort,
      };
    },
    // `close` would wait for running responses.
    close: () => sender.destroy(),
  };
}

/** An error holds a message: what is longer is cut off. */
const maxErrorBytes = 1_000_000;

/** Of a compressed error, this much is read: it holds a message, and a small body may unfold into one that fills the memory. */
const maxUnfoldedBytes = 1_000_000;
const uncompressors: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** Some proxies compress errors although the gateway asks for none. What cannot be read is an error without a message. */
function uncompressed(body: Buffer, coding: string): Buffer {
  const name = coding.trim().toLowerCase();
  if (name === 'identity' || name === '') return body;
  const uncompress = Object.hasOwn(uncompressors, name) ? uncompressors[name] : undefined;
  try {
    return uncompress?.(body, { maxOutputLength: maxUnfoldedBytes }) ?? Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}

/** Reads the beginning of an error: parsing megabytes of it would delay every other request. */
async function readError(body: HttpResponse['body'], coding: string): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  for (let batch = body.poll(); batch !== 'done' && size < maxErrorBytes; batch = body.poll()) {
    if (batch === 'pending') {
      await body.ready();
      continue;
    }
    for (const piece of batch) size += piece.length;
    read.push(...batch);
  }
  if (size >= maxErrorBytes) body.cancel();
  return uncompressed(Buffer.concat(read).subarray(0, maxErrorBytes), coding).toString('utf8');
}

/** Collects a body as text. */
async function readText(body: HttpResponse['body']): Promise<string> {
  const read: Uint8Array[] = [];
  let size = 0;
  for (let batch = body.poll(); batch !== 'done'; batch = body.poll()) {
    if (batch === 'pending') {
      await body.ready();
      continue;
    }
    for (const piece of batch) size += piece.length;
    if (size > maxWholeBytes) {
      body.cancel();
      throw new GatewayError('UPSTREAM_MALFORMED', `The provider's answer exceeds ${maxWholeBytes} bytes.`);
    }
    read.push(...batch);
  }
  return Buffer.concat(read).toString('utf8');
}

function readJson(text: string, provider: string, status: number): unknown {
  try {
    return parseExactJson(text.trim());
  } catch {
    // The parser's own message quotes the text.
    const what = text.trim() === '' ? 'an empty body' : 'something that is not JSON';
    throw new GatewayError('UPSTREAM_MALFORMED', `${provider} answered with ${what}.`, { status });
  }
}

/** Resources that this machine or process lacks: descriptors, memory, ports (errno(3)). */
const shortages = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);

function toUpstreamError(thrown: unknown, provider: string, signal: AbortSignalLike): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (signal.aborted) {
    if (signal.reason instanceof GatewayError) return signal.reason;
    return new GatewayError('CANCELLED', 'The client disconnected.', { cause: thrown });
  }
  const cause = thrown instanceof Error ? thrown : undefined;
  if (
    thrown instanceof errors.ConnectTimeoutError ||
    thrown instanceof errors.HeadersTimeoutError ||
    thrown instanceof errors.BodyTimeoutError
  ) {
    return new GatewayError('UPSTREAM_TIMEOUT', `${provider} did not answer in time.`, { cause });
  }
  // A parse error without data is a connection that closed in the middle of a body.
  const isCutShort = thrown instanceof errors.HTTPParserError && 'data' in thrown && thrown.data === '';
  if ((thrown instanceof errors.HTTPParserError && !isCutShort) || thrown instanceof errors.HeadersOverflowError) {
    return new GatewayError('UPSTREAM_MALFORMED', `${provider} does not speak valid HTTP.`, { cause });
  }
  const code = reasonOf(thrown);
  if (code !== undefined && shortages.has(code)) {
    const message = `The gateway is out of sockets or file descriptors (${code}) and could not connect to ${provider}.`;
    return new GatewayError('UPSTREAM_UNREACHABLE', message, { cause, isLocal: true });
  }
  return new GatewayError('UPSTREAM_UNREACHABLE', `The connection to ${provider} failed${code ? ` (${code})` : ''}.`, {
    cause,
  });
}

function reasonOf(thrown: unknown): string | undefined {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors[0]);
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
