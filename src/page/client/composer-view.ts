import { html, nothing, type TemplateResult } from 'lit-html';
import { modelOf, nameOf, reasonAgainst, toggleModel } from './catalogue.ts';
import { mostModels } from './draft.ts';
import { accepted, removeImage, takeImage } from './image.ts';
import { words } from './language.ts';
import { openPicker } from './picker-view.ts';
import { canRun, run, stopAll } from './run.ts';
import { shareNow } from './share-now.ts';
import { changeDraft, isRunning, state } from './store.ts';

export function composerView(): TemplateResult {
  const { draft, draftProblem } = state;
  return html`
    <form class="composer" aria-label=${words.prompt} @submit=${submit} @keydown=${runByKey}
      @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${drop}>
      <label class="visually-hidden" for="prompt">${words.prompt}</label>
      <textarea id="prompt" rows="3" placeholder=${words.promptHint} .value=${draft.prompt}
        aria-describedby="shortcut" @input=${typed('prompt')} @paste=${paste}></textarea>
      ${
        draft.image
          ? html`<figure class="image">
              <img src=${draft.image.url} alt="">
              <figcaption>${draft.image.name}</figcaption>
              <button type="button" class="quiet" @click=${removeImage}>${words.removeImage}</button>
            </figure>`
          : nothing
      }
      <details class="options">
        <summary>${words.options}${optionsInUse()}</summary>
        <div class="fields">
          <label class="wide">${words.system}
            <textarea rows="2" .value=${draft.system} @input=${typed('system')}></textarea></label>
          <label>${words.temperature}
            <input inputmode="decimal" autocomplete="off" placeholder=${words.byDefault} .value=${draft.temperature} @input=${typed('temperature')}></label>
          <label>${words.maxTokens}
            <input inputmode="numeric" autocomplete="off" placeholder=${words.byDefault} .value=${draft.maxTokens} @input=${typed('maxTokens')}></label>
        </div>
      </details>
      <div class="bar">
        <ul class="chosen" aria-label=${words.models}>${draft.models.map(chosenModel)}
          ${
            draft.models.length < mostModels
              ? html`<li><button type="button" class="add" aria-haspopup="dialog" @click=${openPicker}>+ ${words.addModel}</button></li>`
              : nothing
          }
        </ul>
        <div class="actions">
          <strong class="hint" role="alert">${draftProblem}</strong>
          <span class="hint" id="shortcut">${words.shortcut}</span>
          <button type="button" class="quiet" @click=${() => shareNow({ tab: 'compare', draft })}>${words.share}</button>
          <label class="button quiet file">${words.addImage}
            <input type="file" class="visually-hidden" accept=${accepted} @change=${chooseImage}></label>
          ${
            isRunning()
              ? html`<button type="button" class="stop" @click=${stopAll}>${words.stopAll}</button>`
              : html`<button class="run" ?disabled=${!canRun()}>${words.run}</button>`
          }
        </div>
      </div>
    </form>`;
}

function chosenModel(id: string, index: number): TemplateResult {
  const model = modelOf(id);
  const reason = model && reasonAgainst(model);
  return html`
    <li class="chip hue-${index}" title=${id}>
      <span>${nameOf(id)}${reason ? html` <em>${reason}</em>` : nothing}</span>
      <button type="button" aria-label=${words.removeModel(nameOf(id))} @click=${() => toggleModel(id)}>×</button>
    </li>`;
}

function optionsInUse(): string {
  const { system, temperature, maxTokens } = state.draft;
  const used = [
    system.trim() && words.system,
    temperature && `${words.temperature} ${temperature}`,
    maxTokens && `${words.maxTokens} ${maxTokens}`,
  ].filter((one) => one !== '');
  return used.length > 0 ? `: ${used.join(' · ')}` : '';
}

function typed(field: 'prompt' | 'system' | 'temperature' | 'maxTokens') {
  return ({ currentTarget }: Event & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
    changeDraft({ [field]: currentTarget.value });
}

function submit(event: Event): void {
  event.preventDefault();
  run();
}

function runByKey(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  run();
}

function paste({ clipboardData }: ClipboardEvent): void {
  takeImage(clipboardData?.files ?? []);
}

function drop(event: DragEvent): void {
  event.preventDefault();
  takeImage(event.dataTransfer?.files ?? []);
}

function chooseImage({ currentTarget }: Event & { currentTarget: HTMLInputElement }): void {
  takeImage(currentTarget.files ?? []);
  // So that the same file can be chosen again.
  currentTarget.value = '';
}
