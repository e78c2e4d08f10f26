import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { GatewayError } from '../core/errors.ts';
import { type MediaKind, type MediaPart, toDataUrl } from '../core/media.ts';
import { fetchedType } from './media-type.ts';
import { isLocalName, isPublicAddress } from './public-address.ts';

/** Counted while reading: encoded bodies are refused, so nothing expands. */
const maxMediaBytes = 10 * 1024 * 1024;
const defaultTimeoutMs = 10_000;

export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

/** Replaced by tests. */
export type MediaFetcherParts = {
  readonly resolve?: Resolve;
  /** Creates the connector that connects to the address of `lookup`. */
  readonly connector?: (lookup: LookupFunction) => buildConnector.connector;
  readonly timeoutMs?: number;
};

/**
 * Fetches media for providers that take no URLs, and returns data URLs. The URL comes from a caller, so it may lead
 * only to the public internet: names are checked when they are connected to, not before, or a second answer of the
 * resolver could lead elsewhere. Failures are INVALID_REQUEST and name the host only: a URL may hold a signature.
 */
export function createMediaFetcher({
  resolve = (hostname) => lookup(hostname, { all: true }),
  connector = (guarded) => buildConnector({ lookup: guarded, timeout: defaultTimeoutMs, allowH2: false }),
  timeoutMs = defaultTimeoutMs,
}: MediaFetcherParts = {}): (part: MediaPart, signal: AbortSignal) => Promise<string> {
  return async ({ type: kind, url: address, mediaType }, signal) => {
    const url = toPublicUrl(kind, address);
    const clock = AbortSignal.timeout(timeoutMs);
    // One agent per file: no connection outlives its check.
    const agent = new Agent({ connect: connector(guardedLookup(resolve)), pipelining: 0 });
    try {
      const both = AbortSignal.any([signal, clock]);
      const response = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'GET',
        headers: { accept: accepted[kind], 'accept-encoding': 'identity' },
        signal: both,
      });
      const bytes = await readBody(kind, response, url);
      const type = fetchedType(kind, String(response.headers['content-type'] ?? ''), mediaType, bytes);
      if (!type) throw refusal(kind, url, `is no ${formats[kind]}`);
      return toDataUrl(type, bytes.toString('base64'));
    } catch (thrown) {
      throw toRefusal(kind, thrown, url, signal, clock);
    } finally {
      await agent.destroy();
    }
  };
}

const accepted: Readonly<Record<MediaKind, string>> = {
  image: 'image/png, image/jpeg, image/gif, image/webp',
  file: 'application/pdf, */*;q=0.5',
  audio: 'audio/*',
  video: 'video/*',
};

/** What a response has to be, in a sentence. */
const formats: Readonly<Record<MediaKind, string>> = {
  image: 'PNG, JPEG, GIF or WebP image',
  file: 'PDF or other document',
  audio: 'audio',
  video: 'video',
};

function toPublicUrl(kind: MediaKind, address: string): URL {
  // URL parsing turns decimal, octal and hexadecimal forms of IPv4 into four numbers.
  const url = new URL(address);
  if (url.protocol !== 'https:') throw refusal(kind, url, 'has no https URL');
  if (url.username || url.password) throw refusal(kind, url, 'has a password in its URL');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const isInside = isIP(literal) ? !isPublicAddress(literal) : isLocalName(url.hostname);
  if (isInside) throw refusal(kind, url, 'is not on the public internet');
  return url;
}

/** A lookup whose answers are checked and then connected to; one private address refuses all. */
function guardedLookup(resolve: Resolve): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname).then(
      (found) => {
        const [first] = found;
        if (!first || !found.every(({ address }) => isPublicAddress(address))) {
          callback(new NotPublic(), '', 0);
        } else if (all) callback(null, [...found]);
        else callback(null, first.address, first.family);
      },
      (failure) => callback(failure, '', 0),
    );
  };
}

class NotPublic extends Error {}

async function readBody(
  kind: MediaKind,
  { statusCode, headers, body }: Dispatcher.ResponseData,
  url: URL,
): Promise<Buffer> {
  body.on('error', () => {});
  if (statusCode >= 300 && statusCode < 400)
    throw refusal(kind, url, 'responds with a redirect, which is not followed');
  if (statusCode !== 200) throw refusal(kind, url, `answers HTTP ${statusCode}`);
  if (headers['content-encoding'] !== undefined) throw refusal(kind, url, 'is compressed in transfer');
  const tooLarge = `has more than ${maxMediaBytes} bytes`;
  if (Number(headers['content-length']) > maxMediaBytes) throw refusal(kind, url, tooLarge);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxMediaBytes) throw refusal(kind, url, tooLarge);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function refusal(kind: MediaKind, { hostname }: URL, why: string, cause?: unknown): GatewayError {
  return new GatewayError('INVALID_REQUEST', `The ${kind} at ${hostname} ${why}.`, { cause });
}

function toRefusal(kind: MediaKind, thrown: unknown, url: URL, caller: AbortSignal, clock: AbortSignal): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (caller.aborted) {
    if (caller.reason instanceof GatewayError) return caller.reason;
    return new GatewayError('CANCELLED', 'The client disconnected.', { cause: thrown });
  }
  if (clock.aborted) return refusal(kind, url, 'did not arrive in time', thrown);
  if (thrown instanceof NotPublic) return refusal(kind, url, 'is not on the public internet');
  return refusal(kind, url, 'could not be fetched', thrown);
}
