import { html, nothing, type TemplateResult } from 'lit-html';
import type { ChatInput } from 'parley-client';
import { nameOf } from './catalogue.ts';
import { chatDocument } from './chat-document.ts';
import { sampleNames, samplesOf, shortened } from './code-samples.ts';
import { copy } from './copy.ts';
import { handOver } from './graphiql.ts';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** A request as code for a program: the page uses the public API like any other client. */
export function codeView(): TemplateResult {
  const { inspected, sample, key } = state;
  const blocks = inspected ? samplesOf(inspected, { origin: location.origin, needsKey: key !== '' })[sample] : [];
  return html`
    <dialog id="request" class="request" aria-labelledby="request-title" @close=${() => change({ inspected: undefined })}>
      <header>
        <h2 id="request-title">${inspected ? words.requestOf(nameOf(inspected.model)) : nothing}</h2>
        <button type="button" class="quiet" @click=${close}>${words.close}</button>
      </header>
      <div class="samples" role="group" aria-label=${words.asCode}>${sampleNames.map(
        (name) =>
          html`<button type="button" aria-pressed=${name === sample} @click=${() => change({ sample: name })}>${name}</button>`,
      )}</div>
      ${blocks.map(
        ({ title, code }) => html`
          <h3>${title} <button type="button" class="quiet" aria-label=${`${words.copy}: ${title}`} @click=${() => copy(code)}>${words.copy}</button></h3>
          <pre tabindex="0"><code>${shortened(code)}</code></pre>`,
      )}
      ${
        sample === 'GraphQL'
          ? html`<footer class="actions"><a class="button" href="/graphql" target="_blank" rel="noopener"
              @click=${(event: Event) => open(event, inspected)}>${words.openInGraphiQL}</a></footer>`
          : nothing
      }
    </dialog>`;
}

export function inspect(input: ChatInput): void {
  change({ inspected: input });
  // After rendering: the title is read out when the dialog opens.
  requestAnimationFrame(() => dialog()?.showModal());
}

function close(): void {
  dialog()?.close();
}

function dialog(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>('#request');
}

function open(event: Event, input: ChatInput | undefined): void {
  if (input && handOver(chatDocument, input)) return;
  event.preventDefault();
  change({ announcement: words.tooLargeForGraphiQL });
}
