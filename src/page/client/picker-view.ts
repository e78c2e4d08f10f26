import { html, nothing, type TemplateResult } from 'lit-html';
import { abilitiesOf, chosenModels, foundModels, reasonAgainst, toggleModel } from './catalogue.ts';
import { mostModels } from './draft.ts';
import { toPrice, toShortCount } from './format.ts';
import { words } from './language.ts';
import { change, type Model, state } from './store.ts';

/** One option: a model, or an id that the catalogue does not know. */
type Option = { readonly id: string; readonly model?: Model };

/** A combobox with a list, as in the ARIA Authoring Practices: the focus stays in the field. */
export function pickerView(): TemplateResult {
  const { search, models } = state;
  const isOne = state.tab === 'chat';
  const options = optionsNow();
  const highlighted = options[state.highlighted];
  return html`
    <dialog id="picker" class="picker" aria-labelledby="picker-title" @close=${() => change({ search: '', highlighted: 0 })}>
      <header>
        <h2 id="picker-title">${isOne ? words.chooseModel : words.pickerTitle}</h2>
        <button type="button" class="quiet" @click=${closePicker}>${words.done}</button>
      </header>
      <input autofocus role="combobox" aria-label=${words.search} aria-expanded="true" aria-controls="picker-list"
        aria-autocomplete="list" aria-activedescendant=${highlighted ? `option-${state.highlighted}` : nothing}
        placeholder=${words.searchHint} autocomplete="off" spellcheck="false"
        .value=${search} @input=${typed} @keydown=${steer}>
      <p class="hint" role="status">${isOne ? '' : `${words.chosen(chosenModels().length)} · `}${
        models ? words.found(options.filter(({ model }) => model).length) : words.loading
      }</p>
      <ul id="picker-list" role="listbox" aria-multiselectable=${!isOne} aria-label=${words.models} @mousedown=${(event: Event) => event.preventDefault()}>
        ${options.map(optionView)}
      </ul>
      ${models && options.length === 0 ? html`<p class="empty">${words.nothingFound}</p>` : nothing}
    </dialog>`;
}

function optionView({ id, model }: Option, index: number): TemplateResult {
  const reason = reasonNow({ id, ...(model && { model }) });
  return html`
    <li id="option-${index}" role="option" class=${index === state.highlighted ? 'highlighted' : ''}
      aria-selected=${chosenModels().includes(id)} aria-disabled=${reason !== undefined} @click=${() => choose({ id, ...(model && { model }) })}>
      ${model ? modelLines(model) : html`<strong>${words.askAnyway(id)}</strong>`}
      ${reason ? html`<span class="reason">${reason}</span>` : nothing}
    </li>`;
}

function modelLines(model: Model): TemplateResult {
  const { id, displayName, provider, contextWindow, pricing } = model;
  return html`
    <strong>${displayName}</strong> <span class="by">${provider.name}</span>
    ${abilitiesOf(model).map((ability) => html`<span class="ability">${ability}</span>`)}
    <small><code>${id}</code>${contextWindow ? ` · ${words.context(toShortCount(contextWindow))}` : ''} · ${
      pricing ? words.price(toPrice(pricing.inputPerMillion), toPrice(pricing.outputPerMillion)) : words.priceUnknown
    }</small>`;
}

export function openPicker(): void {
  dialog()?.showModal();
}

function closePicker(): void {
  dialog()?.close();
}

function dialog(): HTMLDialogElement | null {
  return document.querySelector<HTMLDialogElement>('#picker');
}

function optionsNow(): readonly Option[] {
  const options: Option[] = foundModels().map((model) => ({ id: model.id, model }));
  const id = state.search.trim();
  const isOwnId = /^[\w.-]+\/\S+$/.test(id) && !options.some((option) => option.id === id);
  return isOwnId ? [...options, { id }] : options;
}

/** Why it cannot be chosen now. A chosen model can always be removed. */
function reasonNow({ id, model }: Option): string | undefined {
  if (chosenModels().includes(id)) return undefined;
  const reason = model && reasonAgainst(model);
  return reason ?? (state.tab !== 'chat' && chosenModels().length >= mostModels ? words.fourAlready : undefined);
}

function choose(option: Option): void {
  if (reasonNow(option) !== undefined) return;
  toggleModel(option.id);
  if (state.tab === 'chat') closePicker();
}

function typed({ currentTarget }: Event & { currentTarget: HTMLInputElement }): void {
  change({ search: currentTarget.value, highlighted: 0 });
}

/** Uses the current options: keystrokes may arrive faster than frames. */
function steer(event: KeyboardEvent): void {
  const options = optionsNow();
  const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
  const option = options[state.highlighted];
  if (step !== undefined) {
    const highlighted = Math.max(0, Math.min(options.length - 1, state.highlighted + step));
    change({ highlighted });
    document.querySelector(`#option-${highlighted}`)?.scrollIntoView({ block: 'nearest' });
  } else if (event.key === 'Enter' && option) choose(option);
  else return;
  event.preventDefault();
}
