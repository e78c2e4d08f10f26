import { words } from './language.ts';
import { change, changeDraft } from './store.ts';

const kinds = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** With base64 and a prompt, it stays below the gateway's default body limit. */
const mostBytes = 5_000_000;

export const accepted = kinds.join(',');

/** Takes the first image that was chosen, pasted or dropped. */
export function takeImage(files: Iterable<File>): void {
  const [file] = files;
  if (!file) return;
  const draftProblem = problemOf(file);
  if (draftProblem !== '') {
    change({ draftProblem });
    return;
  }
  const reader = new FileReader();
  reader.addEventListener('load', () => {
    changeDraft({ image: { name: file.name, url: String(reader.result) } });
    change({ draftProblem: '' });
  });
  reader.readAsDataURL(file);
}

function problemOf({ type, size }: File): string {
  if (!kinds.includes(type)) return words.imageKind;
  return size > mostBytes ? words.imageTooLarge('5 MB') : '';
}

export function removeImage(): void {
  changeDraft({ image: undefined });
}
