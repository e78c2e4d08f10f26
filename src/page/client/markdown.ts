import DOMPurify from 'dompurify';
import { marked, type Token } from 'marked';
import { colorCode } from './code-colors.ts';
import { copy } from './copy.ts';
import { words } from './language.ts';

/** Elements that an answer may contain. No images: loading one would tell its host that the answer was read. */
const allowed = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code', 'ul', 'ol', 'li'],
    ...['strong', 'em', 'del', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'sub', 'sup', 'kbd'],
  ],
  ALLOWED_ATTR: ['href', 'start', 'align'],
  // Their values are checked as addresses otherwise, and dropped.
  ADD_URI_SAFE_ATTR: ['start', 'align'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(https?|mailto):/i,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** HTML in an answer is shown as text, and an image by its name. */
marked.use({
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text, href }) => escaped(text || href),
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
  },
});

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

DOMPurify.addHook('afterSanitizeAttributes', (node) => {
  if (node.nodeName !== 'A') return;
  node.setAttribute('target', '_blank');
  node.setAttribute('rel', 'noopener noreferrer nofollow');
});

/** `<markdown-text .text=…>`: text from a model may be formatted and can do nothing else. */
class MarkdownText extends HTMLElement {
  #blocks: readonly string[] = [];

  /** Called for every piece of a stream. Only changed blocks are rendered again, mostly the last one. */
  set text(text: string) {
    const tokens = marked.lexer(text);
    const blocks = tokens.map(({ raw }) => raw);
    const same = blocks.findIndex((raw, index) => raw !== this.#blocks[index]);
    const kept = same < 0 ? blocks.length : same;
    while (this.children.length > kept) this.lastElementChild?.remove();
    this.append(...tokens.slice(kept).map(toElement));
    this.#blocks = blocks;
  }
}

function toElement(token: Token): HTMLElement {
  const block = document.createElement('div');
  const content = DOMPurify.sanitize(marked.parser([token]), {
    ...allowed,
    ALLOWED_TAGS: [...allowed.ALLOWED_TAGS],
    ALLOWED_ATTR: [...allowed.ALLOWED_ATTR],
    ADD_URI_SAFE_ATTR: [...allowed.ADD_URI_SAFE_ATTR],
  });
  for (const item of content.querySelectorAll('li'))
    if (/^\s*[☑☐]/.test(item.textContent ?? '')) item.classList.add('task');
  for (const table of content.querySelectorAll('table')) table.replaceWith(scrollable(table));
  for (const pre of content.querySelectorAll('pre')) {
    pre.replaceWith(codeBlock(pre, token.type === 'code' ? (token.lang ?? '') : ''));
  }
  block.append(content);
  return block;
}

/** Puts a table into a region that scrolls sideways, so that no word has to be broken. */
function scrollable(table: HTMLTableElement): HTMLElement {
  const region = document.createElement('div');
  region.className = 'wide';
  region.tabIndex = 0;
  region.setAttribute('role', 'region');
  region.setAttribute('aria-label', words.table);
  region.append(table.cloneNode(true));
  return region;
}

function codeBlock(pre: HTMLPreElement, language: string): HTMLElement {
  const block = document.createElement('div');
  block.className = 'code';
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet';
  button.textContent = words.copy;
  const shown = pre.cloneNode(true) as HTMLPreElement;
  shown.tabIndex = 0;
  button.addEventListener('click', () => void copy(shown.textContent ?? ''));
  block.append(shown, button);
  const code = shown.querySelector('code');
  if (code && language) void colorCode(code, language);
  return block;
}

customElements.define('markdown-text', MarkdownText);
