import type { ContentPartInput } from 'parley-client';
import { words } from './language.ts';

/** A file of a message that is being written. */
export type Attachment = { readonly name: string; readonly part: ContentPartInput };

/** With base64 and a conversation, they stay below the gateway's default body limit. */
const mostBytes = 5_000_000;

/** Files as parts of a message, and what is wrong with those that are left out. */
export async function attach(
  files: Iterable<File>,
  before: readonly Attachment[],
): Promise<{ readonly attachments: readonly Attachment[]; readonly problem: string }> {
  const attachments = [...before];
  let bytes = before.reduce((sum, { part }) => sum + dataUrlOf(part).length * 0.75, 0);
  let problem = '';
  for (const file of files) {
    bytes += file.size;
    if (bytes > mostBytes) {
      problem = words.filesTooLarge('5 MB');
      break;
    }
    attachments.push({ name: file.name, part: toPart(file, await readDataUrl(file)) });
  }
  return { attachments, problem };
}

function toPart({ name, type }: File, url: string): ContentPartInput {
  if (type.startsWith('image/')) return { image: { url } };
  if (type.startsWith('audio/')) return { audio: { url, name } };
  if (type.startsWith('video/')) return { video: { url, name } };
  return { file: { url, name } };
}

function dataUrlOf({ image, audio, video, file }: ContentPartInput): string {
  return (image ?? audio ?? video ?? file)?.url ?? '';
}

/** What a model has to read for a part. Undefined for what each model reads. */
export function modalityOf({
  image,
  audio,
  video,
  file,
}: ContentPartInput): 'IMAGE' | 'AUDIO' | 'VIDEO' | 'PDF' | undefined {
  if (image) return 'IMAGE';
  if (audio) return 'AUDIO';
  if (video) return 'VIDEO';
  return file?.url?.startsWith('data:application/pdf') ? 'PDF' : undefined;
}

function readDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(String(reader.result)));
    reader.addEventListener('error', () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}
