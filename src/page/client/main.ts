import { html, nothing, render } from 'lit-html';
import './markdown.ts';
import { loadCatalogue } from './catalogue.ts';
import { chatView } from './chat-view.ts';
import { codeView } from './code-view.ts';
import { compareView } from './compare-view.ts';
import { followConversation, isChatting } from './conversation.ts';
import { providers } from './documents.ts';
import { ask } from './gateway.ts';
import { beginWithDocs } from './graphiql.ts';
import { keyView } from './key-view.ts';
import { words } from './language.ts';
import type { ProvidersQuery } from './operations.ts';
import { pickerView } from './picker-view.ts';
import { providersView } from './providers-view.ts';
import { resumeInterrupted } from './run.ts';
import { openShared } from './share-now.ts';
import { change, changeDraft, isRunning, onChange, state, type Tab, tabs } from './store.ts';

/** How often elapsed times are updated while something runs, and providers while they are shown. */
const tickMs = 100;
const refreshMs = 5000;

const views = { compare: compareView, chat: chatView, providers: providersView };

/** Running answers whose end is in view: they stay there as text comes. A conversation is as long as its page. */
function followed(): readonly Element[] {
  const conversation = isChatting() && document.scrollingElement ? [document.scrollingElement] : [];
  return [...document.querySelectorAll('.answer[aria-busy=true] .body'), ...conversation].filter(
    ({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight > scrollHeight - 40,
  );
}

function draw(): void {
  const { tab, announcement } = state;
  const following = followed();
  render(
    html`
      ${tab === 'compare' ? html`<a class="skip" href="#answers" @click=${skip}>${words.skip}</a>` : nothing}
      <header class="top">
        <h1><img src=${document.querySelector<HTMLLinkElement>('link[rel=icon]')?.href ?? ''} alt="" width="28" height="28">Parley</h1>
        <p>${words.tagline}</p>
        <div role="tablist" aria-label=${words.tabs} @keydown=${turnTabs}>${tabs.map(
          (
            name,
          ) => html`<button type="button" role="tab" id="tab-${name}" aria-controls="panel" aria-selected=${tab === name}
            tabindex=${tab === name ? 0 : -1} @click=${() => show(name)}>${words[name]}</button>`,
        )}</div>
        <nav>
          <a class="link" href="/graphql" title=${words.graphiqlHelp}>${words.graphiql}</a>
          <a class="link" href="/graphql" title=${words.docsHelp} @click=${beginWithDocs}>${words.docs}</a>
        </nav>
        ${keyView(load)}
      </header>
      <main><div id="panel" role="tabpanel" aria-labelledby="tab-${tab}">${views[tab]()}</div></main>
      ${pickerView()} ${codeView()}
      <p class="visually-hidden" role="status">${announcement}</p>
    `,
    document.body,
  );
  for (const body of following) body.scrollTop = body.scrollHeight;
}

function show(tab: Tab): void {
  change({ tab });
  history.replaceState(null, '', tab === 'compare' ? '/' : `#${tab}`);
  if (tab === 'providers') void loadProviders();
}

function turnTabs({ key }: KeyboardEvent): void {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
  const step = key === 'ArrowRight' ? 1 : -1;
  const next = tabs.at((tabs.indexOf(state.tab) + step) % tabs.length) ?? 'compare';
  show(next);
  document.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
}

/** A hash would be taken for a tab. */
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#answers')?.focus();
}

async function loadProviders(): Promise<void> {
  const data = await ask<ProvidersQuery>(providers);
  if (data) change({ providers: data.providers, usage: data.usage });
}

function load(): void {
  void loadCatalogue();
  if (state.tab === 'providers') void loadProviders();
}

let isDrawing = false;
onChange(() => {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    draw();
  });
});
setInterval(() => {
  if (isRunning() || isChatting() || state.tab === 'providers') change({});
}, tickMs);
setInterval(() => {
  if (state.tab === 'providers' && !document.hidden) void loadProviders();
}, refreshMs);

document.documentElement.lang = words.code;
if (state.draft.prompt === '') changeDraft({ prompt: words.example });
load();
resumeInterrupted();
followConversation();
void openShared();
