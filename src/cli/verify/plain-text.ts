import { stripVTControlCharacters } from 'node:util';

/** A gateway's words on one line, without what a terminal would obey. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
}
