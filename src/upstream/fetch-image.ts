import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { GatewayError } from '../core/errors.ts';
import { toImageType } from './image-type.ts';
import { isLocalName, isPublicAddress } from './public-address.ts';

/** Counted while reading: encoded bodies are refused, so nothing expands. */
const maxImageBytes = 10 * 1024 * 1024;
const defaultTimeoutMs = 10_000;

export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

/** Replaced by tests. */
export type ImageFetcherParts = {
  readonly resolve?: Resolve;
  /** Creates the connector that connects to the address of `lookup`. */
  readonly connector?: (lookup: LookupFunction) => buildConnector.connector;
  readonly timeoutMs?: number;
};

/**
 * Fetches images for providers that take no URLs, and returns data URLs. The URL comes from a caller, so it may lead
 * only to the public internet: names are checked when they are connected to, not before, or a second answer of the
 * resolver could lead elsewhere. Failures are INVALID_REQUEST and name the host only: a URL may hold a signature.
 */
export function createImageFetcher({
  resolve = (hostname) => lookup(hostname, { all: true }),
  connector = (guarded) => buildConnector({ lookup: guarded, timeout: defaultTimeoutMs, allowH2: false }),
  timeoutMs = defaultTimeoutMs,
}: ImageFetcherParts = {}): (url: string, signal: AbortSignal) => Promise<string> {
  return async (address, signal) => {
    const url = toPublicUrl(address);
    const clock = AbortSignal.timeout(timeoutMs);
    // One agent per image: no connection outlives its check.
    const agent = new Agent({ connect: connector(guardedLookup(resolve)), pipelining: 0 });
    try {
      const both = AbortSignal.any([signal, clock]);
      const response = await agent.request({
        origin: url.origin,
        path: url.pathname + url.search,
        method: 'GET',
        headers: { accept: 'image/png, image/jpeg, image/gif, image/webp', 'accept-encoding': 'identity' },
        signal: both,
      });
      const image = await readImage(response, url);
      const type = toImageType(String(response.headers['content-type'] ?? ''), image);
      if (!type) throw refusal(url, 'is no PNG, JPEG, GIF or WebP image');
      return `data:${type};base64,${image.toString('base64')}`;
    } catch (thrown) {
      throw toRefusal(thrown, url, signal, clock);
    } finally {
      await agent.destroy();
    }
  };
}

function toPublicUrl(address: string): URL {
  // URL parsing turns decimal, octal and hexadecimal forms of IPv4 into four numbers.
  const url = new URL(address);
  if (url.protocol !== 'https:') throw refusal(url, 'has no https URL');
  if (url.username || url.password) throw refusal(url, 'has a password in its URL');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const isInside = isIP(literal) ? !isPublicAddress(literal) : isLocalName(url.hostname);
  if (isInside) throw refusal(url, 'is not on the public internet');
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

async function readImage({ statusCode, headers, body }: Dispatcher.ResponseData, url: URL): Promise<Buffer> {
  body.on('error', () => {});
  if (statusCode >= 300 && statusCode < 400) throw refusal(url, 'responds with a redirect, which is not followed');
  if (statusCode !== 200) throw refusal(url, `answers HTTP ${statusCode}`);
  if (headers['content-encoding'] !== undefined) throw refusal(url, 'is compressed in transfer');
  const tooLarge = `has more than ${maxImageBytes} bytes`;
  if (Number(headers['content-length']) > maxImageBytes) throw refusal(url, tooLarge);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > maxImageBytes) throw refusal(url, tooLarge);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function refusal({ hostname }: URL, why: string, cause?: unknown): GatewayError {
  return new GatewayError('INVALID_REQUEST', `The image at ${hostname} ${why}.`, { cause });
}

function toRefusal(thrown: unknown, url: URL, caller: AbortSignal, clock: AbortSignal): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  if (caller.aborted) {
    if (caller.reason instanceof GatewayError) return caller.reason;
    return new GatewayError('CANCELLED', 'The client disconnected.', { cause: thrown });
  }
  if (clock.aborted) return refusal(url, 'did not arrive in time', thrown);
  if (thrown instanceof NotPublic) return refusal(url, 'is not on the public internet');
  return refusal(url, 'could not be fetched', thrown);
}
