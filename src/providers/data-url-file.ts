import type { OutputFile } from '../core/completion.ts';
import { dataOf } from '../core/media.ts';
import { string } from './read-json.ts';

/** An image in an answer that comes as a data URL. One that is on a server is no part of the answer. */
export function fileOfDataUrl(url: unknown): readonly OutputFile[] {
  const read = dataOf(string(url) ?? '');
  return read ? [read] : [];
}
