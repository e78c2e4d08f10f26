import { Buffer } from 'node:buffer';
import { z } from 'zod';
import { optional } from './optional.ts';

/** Media in messages: images, files, sound and video, each by URL or as data. One place for the rules of all of them. */

export const mediaKinds = ['image', 'file', 'audio', 'video'] as const;
export type MediaKind = (typeof mediaKinds)[number];

export const imageDetails = ['auto', 'low', 'high', 'original'] as const;
export type ImageDetail = (typeof imageDetails)[number];

/** Media of a message. Given data is kept as a data URL, in the form `data:<type>;base64,<data>`. */
export type MediaPart = {
  readonly type: MediaKind;
  readonly url: string;
  /** Known for data. A URL may come without. */
  readonly mediaType?: string | undefined;
  /** File name. */
  readonly name?: string | undefined;
  /** Of images. */
  readonly detail?: ImageDetail | undefined;
  readonly cacheBreakpoint?: true;
};

/** The parts of a data URL, without copying the data. Undefined for other URLs. */
export function dataOf(url: string): { readonly mediaType: string; readonly data: string } | undefined {
  const marker = ';base64,';
  if (!url.startsWith('data:')) return undefined;
  const end = url.slice(0, maxHeadChars).indexOf(marker);
  return end < 0 ? undefined : { mediaType: url.slice('data:'.length, end), data: url.slice(end + marker.length) };
}

/** The text of a file in base64. */
export function textOf(data: string): string {
  return Buffer.from(data, 'base64').toString('utf8');
}

export function toDataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

/** Of a data URL before its data. */
const maxHeadChars = 200;
const maxNameChars = 255;

/** Names of one type that clients and servers use side by side. */
const synonyms: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
  'audio/mp3': 'audio/mpeg',
  'application/x-pdf': 'application/pdf',
};

/** A media type in lower case, without parameters (RFC 2045), by its common name. Empty where it is none. */
export function toMediaType(given: string): string {
  const [type = ''] = given.slice(0, maxHeadChars).toLowerCase().split(';', 1);
  const trimmed = type.trim();
  return /^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/.test(trimmed) ? (synonyms[trimmed] ?? trimmed) : '';
}

const imageTypes: ReadonlySet<string> = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);

/** The types of a kind. Which of them a provider reads is up to its codec. */
function isOfKind(kind: MediaKind, mediaType: string): boolean {
  switch (kind) {
    case 'image':
      return imageTypes.has(mediaType);
    case 'audio':
    case 'video':
      return mediaType.startsWith(`${kind}/`);
    case 'file':
      return mediaType !== '' && !/^(image|audio|video)\//.test(mediaType);
  }
}

const examples: Readonly<Record<MediaKind, string>> = {
  image: 'data:image/png;base64,..." (png, jpeg, gif or webp)',
  file: 'data:application/pdf;base64,..."',
  audio: 'data:audio/wav;base64,..."',
  video: 'data:video/mp4;base64,..."',
};

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

type Report = (field: string, message: string) => void;

function readUrl(kind: MediaKind, url: string, report: Report): Pick<MediaPart, 'url' | 'mediaType'> {
  if (!/^data:/i.test(url.slice(0, 5))) {
    const isWeb = URL.canParse(url) && ['https:', 'http:'].includes(new URL(url).protocol);
    if (!isWeb) report('url', 'Expected an https URL or a data URL');
    return { url };
  }
  const comma = url.slice(0, maxHeadChars).indexOf(',');
  const head = comma < 0 ? '' : url.slice('data:'.length, comma).toLowerCase();
  const isBase64 = /;\s*base64\s*$/.test(head);
  const mediaType = toMediaType(head);
  const data = readData(url.slice(comma + 1));
  if (!isBase64 || !isOfKind(kind, mediaType) || data === undefined) {
    report('url', `Expected "${examples[kind]}`);
    return { url };
  }
  return { url: toDataUrl(mediaType, data), mediaType };
}

/** Base64 without the white space that some encoders break lines with. */
function readData(text: string): string | undefined {
  const data = base64.test(text) ? text : text.replace(/\s+/g, '');
  return base64.test(data) ? data : undefined;
}

function readMedia(
  kind: MediaKind,
  { url, data, mediaType }: { url?: string | undefined; data?: string | undefined; mediaType?: string | undefined },
  report: Report,
): Pick<MediaPart, 'url' | 'mediaType'> {
  const type = mediaType === undefined ? undefined : toMediaType(mediaType);
  if (type !== undefined && !isOfKind(kind, type)) report('mediaType', `Expected the media type of ${nouns[kind]}`);
  if ((url === undefined) === (data === undefined)) {
    report('url', 'Give exactly one of "url" and "data"');
    return { url: '' };
  }
  if (url !== undefined) return { ...(type && { mediaType: type }), ...readUrl(kind, url, report) };
  const read = readData(data ?? '');
  if (type === undefined) report('mediaType', 'Missing: data needs a media type, such as "application/pdf"');
  if (read === undefined) report('data', 'Expected base64');
  return { url: toDataUrl(type ?? '', read ?? ''), mediaType: type };
}

export const nouns: Readonly<Record<MediaKind, string>> = {
  image: 'an image',
  file: 'a file',
  audio: 'audio',
  video: 'a video',
};

/** An image as clients send it. */
export const imageInput = z
  .strictObject({ url: z.string(), detail: optional(z.enum(imageDetails)) })
  .transform(({ url, detail }, context): MediaPart => {
    const read = readUrl('image', url, (field, message) =>
      context.addIssue({ code: 'custom', path: [field], message }),
    );
    return { type: 'image', ...read, ...(detail && { detail }) };
  });

/** A file, sound or video as clients send it. */
export function mediaInput(kind: Exclude<MediaKind, 'image'>) {
  return z
    .strictObject({
      url: optional(z.string()),
      data: optional(z.string()),
      mediaType: optional(z.string().max(maxHeadChars)),
      name: optional(z.string().min(1).max(maxNameChars)),
    })
    .transform(({ name, ...given }, context): MediaPart => {
      const read = readMedia(kind, given, (field, message) =>
        context.addIssue({ code: 'custom', path: [field], message }),
      );
      return { type: kind, ...read, ...(name !== undefined && { name }) };
    });
}
