import { english, type Words } from './english.ts';
import { french } from './french.ts';

const languages: readonly Words[] = [english, french];

/** The first language of the browser that the page supports; otherwise English. */
export const words: Words =
  navigator.languages
    .map((wanted) => languages.find(({ code }) => wanted.toLowerCase().split('-')[0] === code))
    .find((known) => known !== undefined) ?? english;
