import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { ContentPart } from '../core/message.ts';
import type { Target } from '../core/model.ts';
import type { FetchImage } from '../core/operation.ts';

/** All images are held in memory at once. */
const maxRemoteImages = 10;

/** Replaces remote images by data URLs, for a provider that fetches none itself. */
export async function withInlineImages(
  request: ChatRequest,
  { model, facts }: Target,
  fetchImage: FetchImage,
  signal: AbortSignal,
): Promise<ChatRequest> {
  const urls = remoteImages(request);
  // A model without image input is refused by the codec.
  if (urls.length === 0 || facts?.inputModalities?.includes('image') === false) return request;
  if (urls.length > maxRemoteImages) throw refusal(`${model} accepts at most ${maxRemoteImages} remote images.`);
  const inline = new Map(await fetchAll(urls, fetchImage, signal));
  const toInline = (part: ContentPart): ContentPart =>
    part.type === 'image' ? { ...part, url: inline.get(part.url) ?? part.url } : part;
  const messages = request.messages.map((message) =>
    message.role === 'user' ? { ...message, parts: message.parts.map(toInline) } : message,
  );
  return { ...request, messages };
}

async function fetchAll(
  urls: readonly string[],
  fetchImage: FetchImage,
  signal: AbortSignal,
): Promise<[url: string, dataUrl: string][]> {
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  try {
    return await Promise.all(urls.map(async (url) => [url, await fetchImage(url, either)] as [string, string]));
  } catch (thrown) {
    // If one fails, the others are useless.
    others.abort();
    throw thrown instanceof GatewayError && thrown.code === 'INVALID_REQUEST' ? refusal(thrown.message) : thrown;
  }
}

function remoteImages({ messages }: ChatRequest): readonly string[] {
  const parts = messages.flatMap((message) => (message.role === 'user' ? message.parts : []));
  const urls = parts.flatMap((part) => (part.type === 'image' && !part.url.startsWith('data:') ? [part.url] : []));
  return [...new Set(urls)];
}

function refusal(message: string): GatewayError {
  return new GatewayError('INVALID_REQUEST', `messages: ${message}`, { issues: [{ path: 'messages', message }] });
}
