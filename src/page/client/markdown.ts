import DOMPurify from 'dompurify';
import { marked, type Token } from 'marked';

/** What an answer may consist of. No image: it would be fetched from wherever the model says, and tell that it was read. */
const allowed = {
  ALLOWED_TAGS: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'code', 'ul', 'ol', 'li'],
    ...['strong', 'em', 'del', 'a', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'sub', 'sup', 'kbd'],
  ],
  ALLOWED_ATTR: ['href', 'start', 'align'],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(https?|mailto):/i,
  RETURN_DOM_FRAGMENT: true,
} as const;

/** HTML in an answer is something that the model wrote about: it is shown as it was written, and an image by its name. */
marked.use({
  renderer: {
    html: ({ text }) => escaped(text),
    image: ({ text, href }) => escaped(text || href),
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

/** `<markdown-text .text=…>`: whoever wrote the text, it can format itself and do nothing else. */
class MarkdownText extends HTMLElement {
  #blocks: readonly string[] = [];

  /** Called with every piece of a stream. Only blocks that changed are drawn again, which is mostly the last one. */
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
  block.append(
    DOMPurify.sanitize(marked.parser([token]), {
      ...allowed,
      ALLOWED_TAGS: [...allowed.ALLOWED_TAGS],
      ALLOWED_ATTR: [...allowed.ALLOWED_ATTR],
    }),
  );
  return block;
}

customElements.define('markdown-text', MarkdownText);
