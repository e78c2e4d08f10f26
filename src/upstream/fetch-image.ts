import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { GatewayError } from '../core/errors.ts';
import { toImageType } from './image-type.ts';
import { isLocalName, isPublicAddress } from './public-address.ts';

/** Counted as it is read: encoded bodies are refused, so there is nothing to unfold. */
const maxImageBytes = 10 * 1024 * 1024;
const defaultTimeoutMs = 10_000;

export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

/** What a test puts in place of the network. */
export type ImageFetcherParts = {
  readonly resolve?: Resolve;
  /** Makes the connector that connects to where `lookup` says. */
  readonly connector?: (lookup: LookupFunction) => buildConnector.connector;
  readonly timeoutMs?: number;
};

/**
 * Gets images for providers that take no addresses, as data URLs. The address is a caller's own, so it leads only to the
 * public internet: names are checked as they are connected to, not before, or a second answer of the resolver could lead
 * elsewhere. Failures are INVALID_REQUEST, and name the host alone: an address may hold a signature.
 */
export function createImageFetcher({
  resolve = (hostname) => lookup(hostname, { all: true }),
  connector = (guarded) => buildConnector({ lookup: guarded, timeout: defaultTimeoutMs, allowH2: false }),
  timeoutMs = defaultTimeoutMs,
}: ImageFetcherParts = {}): (url: string, signal: AbortSignal) => Promise<string> {
  return async (address, signal) => {
    const url = toPublicUrl(address);
    const clock = AbortSignal.timeout(timeoutMs);
    // One agent for one image: no connection outlives the check that it passed.
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
  // The parser writes decimal, octal and hexadecimal forms of IPv4 as four numbers.
  const url = new URL(address);
  if (url.protocol !== 'https:') throw refusal(url, 'is not reached by https');
  if (url.username || url.password) throw refusal(url, 'is reached with a password in its address');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const isInside = isIP(literal) ? !isPublicAddress(literal) : isLocalName(url.hostname);
  if (isInside) throw refusal(url, 'is not on the public internet');
  return url;
}

/** A lookup whose answers are connected to, and of which one bad answer spoils all. */
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
  if (statusCode >= 300 && statusCode < 400) throw refusal(url, 'answers with a redirect, which is not followed');
  if (statusCode !== 200) throw refusal(url, `answers HTTP ${statusCode}`);
  if (headers['content-encoding'] !== undefined) throw refusal(url, 'is sent in a compressed form');
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
    return new GatewayError('CANCELLED', 'The caller left.', { cause: thrown });
  }
  if (clock.aborted) return refusal(url, 'did not come in time', thrown);
  if (thrown instanceof NotPublic) return refusal(url, 'is not on the public internet');
  return refusal(url, 'could not be fetched', thrown);
}
