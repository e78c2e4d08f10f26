import type { Warning } from '../core/completion.ts';
import type { EmbedRequest } from '../core/embed.ts';
import { GatewayError } from '../core/errors.ts';
import { dataOf, type MediaPart } from '../core/media.ts';

/** For wires and models of texts alone. Parts that are texts are one text. */
export function textsOf({ input }: EmbedRequest, provider: string): readonly string[] {
  return input.map((item) => {
    if (typeof item === 'string') return item;
    return item.map((part) => (part.type === 'text' ? part.text : refuseImage(provider))).join('\n');
  });
}

function refuseImage(provider: string): never {
  const message = `${provider} embeds texts only with this model. Models that take images are marked in embeddingModels.`;
  throw new GatewayError('UNSUPPORTED_OPTION', message);
}

/** An image as data. Throws for one by URL that was not fetched: the operator has turned that off. */
export function imageDataOf({ url }: MediaPart): { readonly mediaType: string; readonly data: string } {
  const data = dataOf(url);
  if (data) return data;
  throw new GatewayError(
    'UNSUPPORTED_OPTION',
    'Images are embedded as data: send a data URL, or let the gateway fetch them (images.fetch).',
  );
}

/** For wires that know no purpose of a vector. */
export function withoutTaskType({ taskType }: EmbedRequest, provider: string): readonly Warning[] {
  if (taskType === undefined) return [];
  return [{ option: 'taskType', message: `${provider} embeds all texts alike; left out` }];
}

export function withoutUser({ user }: EmbedRequest, provider: string): readonly Warning[] {
  return user === undefined ? [] : [{ option: 'user', message: `${provider} has no such option; left out` }];
}
