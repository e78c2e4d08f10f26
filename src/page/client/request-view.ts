import { html, nothing, type TemplateResult } from 'lit-html';
import type { Answer } from './answer.ts';
import { nameOf } from './catalogue.ts';
import { copy } from './copy.ts';
import { compare } from './documents.ts';
import { handOver } from './graphiql.ts';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** The request as it was sent: the page uses the public API like any other client. */
export function requestView(): TemplateResult {
  const { inspected } = state;
  const variables = inspected ? JSON.stringify({ input: inspected.input }, undefined, 2) : '';
  return html`
    <dialog id="request" class="request" aria-labelledby="request-title" @close=${() => change({ inspected: undefined })}>
      <header>
        <h2 id="request-title">${inspected ? words.requestOf(nameOf(inspected.input.model)) : nothing}</h2>
        <button type="button" class="quiet" @click=${close}>${words.close}</button>
      </header>
      <h3>${words.document}</h3>
      <pre tabindex="0"><code>${compare}</code></pre>
      <h3>${words.variables}</h3>
      <pre tabindex="0"><code>${variables}</code></pre>
      <footer class="actions">
        <button type="button" class="quiet" @click=${() => copy(JSON.stringify({ query: compare, variables: JSON.parse(variables) }))}>${words.copy}</button>
        <a class="button" href="/graphql" target="_blank" rel="noopener" @click=${(event: Event) => open(event, inspected)}>${words.openInGraphiQL}</a>
      </footer>
    </dialog>`;
}

export function inspect(answer: Answer): void {
  change({ inspected: answer });
  // After rendering: the title is read out when the dialog opens.
  requestAnimationFrame(() => dialog()?.showModal());
}

function close(): void {
  dialog()?.close();
}

function dialog(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>('#request');
}

function open(event: Event, answer: Answer | undefined): void {
  if (answer && handOver(compare, answer.input)) return;
  event.preventDefault();
  change({ announcement: words.tooLargeForGraphiQL });
}
