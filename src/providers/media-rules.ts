import type { ChatRequest } from '../core/chat.ts';
import { dataOf, type MediaKind, type MediaPart, mediaKinds } from '../core/media.ts';
import { mediaOf } from '../core/message.ts';
import type { ModelFacts, Target } from '../core/model.ts';
import { refuse } from './capability-checks.ts';

/** How a wire takes one kind of media. */
export type MediaRule = {
  /** The only types that it reads, by their beginnings: "text/" is any text. Default: all. */
  readonly types?: readonly string[];
  /** Takes it only as data, or only by URL. Media that come by URL are fetched for a wire that takes data only. */
  readonly form?: 'data' | 'url';
};

/** The kinds that a wire takes; all others are refused. */
export type MediaRules = { readonly [kind in MediaKind]?: MediaRule } & {
  /** Its models read PDFs as pictures of their pages: whichever takes images takes PDFs. */
  readonly pdfAsImages?: true;
  /** The kinds that it takes in results of tool calls. Default: none. */
  readonly inToolResults?: readonly MediaKind[];
};

/** The kinds that a wire takes as data only. */
export function dataOnlyKinds(rules: MediaRules): readonly MediaKind[] {
  return mediaKinds.filter((kind) => rules[kind]?.form === 'data');
}

/** Refuses media that the wire or, by the catalogue, the model does not take. Unknown facts allow it. */
export function checkMedia({ messages }: ChatRequest, { provider, model, facts }: Target, rules: MediaRules): void {
  for (const message of messages) {
    for (const { part } of mediaOf(message)) {
      const rule = rules[part.type];
      const modality = modalityOf(part);
      const known = facts?.inputModalities;
      const isRead = known?.includes(modality) || (modality === 'pdf' && rules.pdfAsImages && known?.includes('image'));
      if (known && !isRead) {
        refuse('messages', `${model} does not support ${plurals[part.type]}.`);
      }
      if (!rule) refuse('messages', `${provider} does not support ${plurals[part.type]} for ${model}.`);
      if (message.role === 'tool' && !rules.inToolResults?.includes(part.type)) {
        refuse('messages', `${provider} does not support ${plurals[part.type]} in results of tool calls.`);
      }
      checkPart(part, provider, rule);
    }
  }
}

function checkPart({ type, url, mediaType }: MediaPart, provider: string, { types, form }: MediaRule): void {
  if (types && mediaType !== undefined && !types.some((start) => mediaType.startsWith(start))) {
    refuse('messages', `${provider} reads ${types.join(', ')} alone, and not ${mediaType}.`);
  }
  const isData = dataOf(url) !== undefined;
  if (form === 'url' && isData) refuse('messages', `${provider} takes ${plurals[type]} by URL only.`);
  if (form === 'data' && !isData) refuse('messages', `${provider} takes ${plurals[type]} as data only ("data:...").`);
}

const plurals: Readonly<Record<MediaKind, string>> = {
  image: 'images',
  file: 'files',
  audio: 'audio',
  video: 'video',
};

/** A file of an unknown type is taken to be a PDF; any other file is text to a model. */
function modalityOf({
  type,
  mediaType = 'application/pdf',
}: MediaPart): NonNullable<ModelFacts['inputModalities']>[number] {
  if (type !== 'file') return type;
  return mediaType === 'application/pdf' ? 'pdf' : 'text';
}
