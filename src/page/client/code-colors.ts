import { tokenizeWith } from '@speed-highlight/core/tokenize';

/** Colours for code, in spans of classes. A language is loaded when the first block of it is complete. */

/**
 * Names that models write behind the fence, and the module of each language. HTML and XML are left out: their
 * expressions take exponential time for tags that do not end.
 */
const languages: Readonly<Record<string, string>> = {
  ...{ bash: 'bash', sh: 'bash', shell: 'bash', zsh: 'bash', console: 'bash' },
  ...{ c: 'c', cpp: 'c', 'c++': 'c', csharp: 'java', cs: 'java', java: 'java', kotlin: 'java' },
  ...{ css: 'css', diff: 'diff', go: 'go' },
  ...{ js: 'js', javascript: 'js', jsx: 'js', mjs: 'js', ts: 'ts', typescript: 'ts', tsx: 'ts' },
  ...{ json: 'json', py: 'py', python: 'py', rs: 'rs', rust: 'rs', sql: 'sql', yaml: 'yaml', yml: 'yaml' },
};

/** A model may write anything. Within these limits the worst text takes 90 ms; without them, seconds. */
const maxChars = 10_000;
const maxLineChars = 300;

export async function colorCode(code: HTMLElement, language: string): Promise<void> {
  const name = languages[language.toLowerCase()];
  const text = code.textContent ?? '';
  if (!name || text.length > maxChars || text.split('\n').some((line) => line.length > maxLineChars)) return;
  const folder = './lib/@speed-highlight/core/tokenize/dist/languages';
  const module: unknown = await import(`${folder}/${name}.js`).catch(() => undefined);
  if (!module || code.textContent !== text) return;
  const parts: Node[] = [];
  tokenizeWith(text, (module as { default: never }).default, (part: string, type?: string) => {
    if (!type) return void parts.push(new Text(part));
    const span = document.createElement('span');
    span.className = `code-${type}`;
    span.textContent = part;
    parts.push(span);
  });
  code.replaceChildren(...parts);
}
