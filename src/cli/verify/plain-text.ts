import { stripVTControlCharacters } from 'node:util';

/** A gateway's text on one line, without terminal control characters. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
}
