import { toAbortSignal } from '../core/abort.ts';
import type { EmbeddingCodec } from '../core/adapter.ts';
import {
  type EmbedItem,
  type EmbedPart,
  type EmbedRequest,
  type ProviderEmbeddings,
  parseEmbedRequest,
} from '../core/embed.ts';
import { GatewayError } from '../core/errors.ts';
import type { Amount } from '../core/limits.ts';
import type { Target } from '../core/model.ts';
import type { CostOf, FetchMedia, Operation, UsageMeter } from '../core/operation.ts';
import { limitExceeded } from './admission.ts';
import { maxRemoteMedia } from './inline-media.ts';
import { plainUsage, tokensOfBytes } from './token-estimate.ts';

export type EmbedOperation = Operation<EmbedRequest, ProviderEmbeddings>;

/** `embed` in GraphQL, `/v1/embeddings` in REST. */
export const embedOperation: EmbedOperation = {
  name: 'embeddings',
  parse: parseEmbedRequest,
  checkSize(request, { maxInputBytes }) {
    if (maxInputBytes === undefined || bytesOf(request) <= maxInputBytes) return;
    const message = `Request too large: at most ${maxInputBytes} bytes are allowed for this caller (maxInputBytes).`;
    throw limitExceeded('input', message);
  },
  withLimits: (_request, targets) => targets,
  worstCase(request, target, costOf) {
    const tokens = tokensOf(request);
    return { tokens, usd: costOf(target, plainUsage(tokens, 0)) };
  },
  createMeter: (request, _mode, costOf) => createMeter(request, costOf),
  withParameters: (request) => request,
  mediaUrls: ({ input }) =>
    input.flatMap((item, index) =>
      remoteImages(item).map(({ place, url }) => ({ path: `items[${index}].parts[${place}].image.url`, url })),
    ),
  inlineMedia(request, { model }, { dataOnly = [] }, fetchMedia, signal) {
    const count = request.input.reduce((sum, item) => sum + remoteImages(item).length, 0);
    // A model of texts alone is refused by the codec.
    if (count === 0 || !dataOnly.includes('image')) return request;
    if (count <= maxRemoteMedia) return withImagesInline(request, fetchMedia, toAbortSignal(signal));
    const message = `${model} accepts at most ${maxRemoteMedia} remote images in one request. Send them as data.`;
    throw new GatewayError('UNSUPPORTED_OPTION', message);
  },
  codecFor(adapter, target, request) {
    const { embeddings, id } = adapter;
    if (embeddings) return withCountCheck(embeddings.codecFor(target), id, request);
    throw new GatewayError('UNSUPPORTED_OPTION', `${id} has no embeddings. Choose a model of another provider.`);
  },
};

function bytesOf({ input }: EmbedRequest): number {
  return input.reduce((sum, item) => sum + bytesOfItem(item), 0);
}

function bytesOfItem(item: EmbedItem): number {
  if (typeof item === 'string') return Buffer.byteLength(item);
  return item.reduce((sum, part) => sum + (part.type === 'text' ? Buffer.byteLength(part.text) : part.url.length), 0);
}

function remoteImages(item: EmbedItem): readonly { readonly place: number; readonly url: string }[] {
  if (typeof item === 'string') return [];
  return item.flatMap((part, place) =>
    part.type === 'text' || part.url.startsWith('data:') ? [] : [{ place, url: part.url }],
  );
}

/** Images by URL as data, one item after another. */
async function withImagesInline(
  request: EmbedRequest,
  fetchMedia: FetchMedia,
  signal: AbortSignal,
): Promise<EmbedRequest> {
  const input: EmbedItem[] = [];
  for (const item of request.input) {
    const inline = async (part: EmbedPart): Promise<EmbedPart> =>
      part.type === 'text' || part.url.startsWith('data:') ? part : { ...part, url: await fetchMedia(part, signal) };
    input.push(typeof item === 'string' ? item : await Promise.all(item.map(inline)));
  }
  return { ...request, input };
}

export function tokensOf(request: EmbedRequest): number {
  return tokensOfBytes(bytesOf(request));
}

/** A vector for each text, all of one length. */
function withCountCheck(codec: EmbeddingCodec, provider: string, { input }: EmbedRequest): EmbeddingCodec {
  return {
    ...codec,
    decode(body) {
      const answer = codec.decode(body);
      const { vectors } = answer;
      const { length = 0 } = vectors[0] ?? [];
      if (vectors.length === input.length && vectors.every((vector) => vector.length === length)) return answer;
      const message = `${provider} sent ${vectors.length} embeddings for ${input.length} texts, or of different lengths.`;
      throw new GatewayError('UPSTREAM_MALFORMED', message);
    },
  };
}

const nothing: Amount = { tokens: 0, usd: 0 };

/** A provider charges for the texts, whether or not its answer arrives. */
function createMeter(request: EmbedRequest, costOf: CostOf): UsageMeter<ProviderEmbeddings> {
  let closed = nothing;
  let open: Target | undefined;
  const charge = (target: Target, tokens: number, usd = costOf(target, plainUsage(tokens, 0))): Amount => ({
    tokens,
    usd: usd ?? 0,
  });
  const add = (amount: Amount) => ({ tokens: closed.tokens + amount.tokens, usd: closed.usd + amount.usd });

  function close(amount: Amount): void {
    closed = add(amount);
    open = undefined;
  }

  return {
    onSent(target) {
      open = target;
    },
    onDelta() {},
    onSuccess({ usage }, usd) {
      if (open) close(charge(open, usage?.inputTokens ?? tokensOf(request), usd));
    },
    onFailure(code) {
      const isCharged = code === 'CANCELLED' || code === 'SHUTTING_DOWN' || code === 'UPSTREAM_TIMEOUT';
      if (open) close(isCharged ? charge(open, tokensOf(request)) : nothing);
    },
    total: () => (open ? add(charge(open, tokensOf(request))) : closed),
    wasCharged: () => closed.tokens > 0,
  };
}
