import { words } from './language.ts';
import { change } from './store.ts';

/** Copies a text, and says so. */
export async function copy(text: string): Promise<void> {
  // Missing on a page that was loaded over plain HTTP from another machine.
  if (navigator.clipboard) await navigator.clipboard.writeText(text);
  else copyBySelection(text);
  change({ announcement: words.copied });
}

function copyBySelection(text: string): void {
  const area = document.createElement('textarea');
  area.value = text;
  // Inside an open dialog nothing outside of it can be selected.
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
