import { html, nothing, type TemplateResult } from 'lit-html';
import { nameOf } from './catalogue.ts';
import { toMoment } from './format.ts';
import { type Run, remember } from './history.ts';
import { words } from './language.ts';
import { reopen } from './run.ts';
import { change, state } from './store.ts';

export function historyView(): TemplateResult | typeof nothing {
  const { history } = state;
  if (history.length === 0) return nothing;
  return html`
    <section class="history" aria-labelledby="history-title">
      <header>
        <h2 id="history-title">${words.history}</h2>
        <p class="hint">${words.historyHelp}</p>
        <button type="button" class="quiet" @click=${() => confirm(words.forgetAllSure) && forget(() => false)}>${words.forgetAll}</button>
      </header>
      <ul>${history.map(runView)}</ul>
    </section>`;
}

function runView(run: Run): TemplateResult {
  const { id, at, draft, answers } = run;
  return html`
    <li>
      <button type="button" class="run-link" @click=${() => reopen(run)}>
        <strong>${draft.prompt}</strong>
        <small><time datetime=${at}>${toMoment(at)}</time> · ${answers.map(({ input }) => nameOf(input.model)).join(', ')}</small>
      </button>
      <button type="button" class="quiet" aria-label=${`${words.forget}: ${draft.prompt.slice(0, 40)}`} @click=${() => forget((one) => one.id !== id)}>×</button>
    </li>`;
}

function forget(keeps: (run: Run) => boolean): void {
  change({ history: remember(state.history.filter(keeps)) });
}
