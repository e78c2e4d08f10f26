import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import { dataOf, type MediaKind, type MediaPart } from '../core/media.ts';
import { type ContentPart, type Message, mediaOf } from '../core/message.ts';
import type { Target } from '../core/model.ts';
import type { FetchMedia } from '../core/operation.ts';

/** All of them are held in memory at once. */
export const maxRemoteMedia = 10;

/** Replaces remote media by data URLs, for a wire that takes these kinds as data only. */
export async function withInlineMedia(
  request: ChatRequest,
  { model, facts }: Target,
  kinds: readonly MediaKind[],
  fetchMedia: FetchMedia,
  signal: AbortSignal,
): Promise<ChatRequest> {
  const remote = remoteMedia(request, kinds);
  // A model without this kind of input is refused by the codec.
  const isRead = (kind: MediaKind) => kind === 'file' || facts?.inputModalities?.includes(kind) !== false;
  if (remote.length === 0 || !remote.every(({ type }) => isRead(type))) return request;
  if (remote.length > maxRemoteMedia) {
    throw refusal(`${model} accepts at most ${maxRemoteMedia} remote images and files.`);
  }
  const inline = new Map(await fetchAll(remote, fetchMedia, signal));
  const toInline = (part: ContentPart): ContentPart => {
    if (part.type === 'text') return part;
    const url = inline.get(part.url) ?? part.url;
    return url === part.url ? part : { ...part, url, mediaType: dataOf(url)?.mediaType };
  };
  const messages = request.messages.map(
    (message): Message =>
      mediaOf(message).length === 0 || !('parts' in message)
        ? message
        : { ...message, parts: (message.parts ?? []).map(toInline) },
  );
  return { ...request, messages };
}

async function fetchAll(
  parts: readonly MediaPart[],
  fetchMedia: FetchMedia,
  signal: AbortSignal,
): Promise<[url: string, dataUrl: string][]> {
  const others = new AbortController();
  const either = AbortSignal.any([signal, others.signal]);
  try {
    return await Promise.all(parts.map(async (part) => [part.url, await fetchMedia(part, either)] as [string, string]));
  } catch (thrown) {
    // If one fails, the others are useless.
    others.abort();
    throw thrown instanceof GatewayError && thrown.code === 'INVALID_REQUEST' ? refusal(thrown.message) : thrown;
  }
}

/** Each URL once. */
function remoteMedia({ messages }: ChatRequest, kinds: readonly MediaKind[]): readonly MediaPart[] {
  const media = messages.flatMap((message) => mediaOf(message).map(({ part }) => part));
  const remote = media.filter(({ type, url }) => kinds.includes(type) && !url.startsWith('data:'));
  return [...new Map(remote.map((part) => [part.url, part])).values()];
}

function refusal(message: string): GatewayError {
  return new GatewayError('INVALID_REQUEST', `messages: ${message}`, { issues: [{ path: 'messages', message }] });
}
