import { chat } from './conversation.ts';
import { copy } from './copy.ts';
import { words } from './language.ts';
import { fromLink, isShared, mostLinkChars, type Shared, toLink } from './share.ts';
import { change, changeDraft, changeSettings } from './store.ts';

/** Copies a link to what is on the page. */
export async function shareNow(shared: Shared): Promise<void> {
  const link = await toLink(shared);
  const place = shared.tab === 'chat' ? 'chatProblem' : 'draftProblem';
  if (link.length > mostLinkChars) return change({ [place]: words.tooLargeToShare });
  await copy(link);
  change({ [place]: '', announcement: words.linkCopied });
}

/** Shows what the address of the page carries, and takes it out of the address. Asks no model. */
export async function openShared(): Promise<void> {
  const { hash } = location;
  if (!isShared(hash)) return;
  const shared = await fromLink(hash);
  history.replaceState(null, '', shared ? `#${shared.tab}` : '/');
  if (!shared) return change({ draftProblem: words.linkBroken });
  change({ tab: shared.tab });
  if (shared.tab === 'compare') return changeDraft(shared.draft);
  changeSettings(shared.settings);
  chat.setMessages(shared.messages);
}
