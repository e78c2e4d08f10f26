import type { ChatMessage } from 'parley-client/chat';
import { type ChatSettings, noSettings } from './chat-settings.ts';
import { type Draft, newId, noDraft } from './draft.ts';

/** What a link carries: a comparison or a conversation, without files. It is in the fragment, which browsers send nowhere. */
export type Shared =
  | { readonly tab: 'compare'; readonly draft: Draft }
  | { readonly tab: 'chat'; readonly settings: ChatSettings; readonly messages: readonly ChatMessage[] };

const prefix = '#share=';

/** Browsers and messengers take links of about so many characters. */
export const mostLinkChars = 30_000;
const mostBytes = 2_000_000;

export async function toLink(shared: Shared): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(compact(shared)));
  const packed = await readAll(new Blob([bytes]).stream().pipeThrough(new CompressionStream('deflate-raw')));
  const base64 = btoa(packed.reduce((text, byte) => text + String.fromCharCode(byte), ''));
  const url = base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return `${location.origin}/${prefix}${url}`;
}

/** What the address of this page carries. Undefined without anything, or where it is broken. */
export async function fromLink(hash: string): Promise<Shared | undefined> {
  if (!hash.startsWith(prefix) || hash.length > mostLinkChars) return undefined;
  try {
    const base64 = hash.slice(prefix.length).replaceAll('-', '+').replaceAll('_', '/');
    const packed = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const bytes = await readAll(new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw')));
    return expand(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return undefined;
  }
}

export const isShared = (hash: string): boolean => hash.startsWith(prefix);

/** Files and measures stay here. */
function compact(shared: Shared): unknown {
  if (shared.tab === 'compare') return { tab: shared.tab, draft: { ...shared.draft, image: undefined } };
  const messages = shared.messages.map(({ role, text }) => [role, text]);
  return { tab: shared.tab, settings: shared.settings, messages };
}

/** Anyone can write a link: only texts are taken from it. */
function expand(value: unknown): Shared | undefined {
  const { tab, draft, settings, messages } = value as Record<string, Record<string, unknown> | undefined>;
  if (String(tab) === 'compare') {
    const models = Array.isArray(draft?.['models']) ? draft['models'].map(String).slice(0, 4) : [];
    return { tab: 'compare', draft: { ...texts(noDraft, draft), image: undefined, models } };
  }
  const list = Array.isArray(messages) ? messages : [];
  return { tab: 'chat', settings: texts(noSettings, settings), messages: list.map(toMessage) };
}

/** The fields of a form, where they are texts. */
function texts<Form extends object>(empty: Form, given: Record<string, unknown> = {}): Form {
  const known = Object.entries(empty).map(([name, value]) => {
    return [name, typeof given[name] === 'string' ? given[name] : value];
  });
  return Object.fromEntries(known) as Form;
}

function toMessage([role, text]: readonly unknown[]): ChatMessage {
  const empty = { attachments: [], reasoning: null, toolCalls: [], files: [] };
  return { ...empty, id: newId(), role: role === 'USER' ? 'USER' : 'ASSISTANT', text: String(text) };
}

/** A small link may unpack to anything. */
async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > mostBytes) throw new RangeError('It is too large.');
    pieces.push(value);
  }
  const all = new Uint8Array(length);
  let end = 0;
  for (const piece of pieces) {
    all.set(piece, end);
    end += piece.length;
  }
  return all;
}
