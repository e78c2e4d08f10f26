import { html, nothing, type TemplateResult } from 'lit-html';
import { failedView, failureView } from './answer-parts.ts';
import { modelOf, nameOf, reasonAgainst } from './catalogue.ts';
import { exampleSchema, exampleTools } from './chat-settings.ts';
import { inspect } from './code-view.ts';
import { addFiles, chat, clear, isChatting, regenerate, requestNow, send, totalsOf } from './conversation.ts';
import { toCount, toPercent, toPrice } from './format.ts';
import { toProblem } from './gateway.ts';
import { words } from './language.ts';
import { messageView } from './message-view.ts';
import { openPicker } from './picker-view.ts';
import { shareNow } from './share-now.ts';
import { change, changeSettings, state } from './store.ts';

/** A conversation of several turns with one model. */
export function chatView(): TemplateResult {
  const { messages, status, isReconnecting } = chat.get();
  return html`
    <section class="conversation" aria-labelledby="conversation-title">
      <h2 class="visually-hidden" id="conversation-title">${words.conversation}</h2>
      ${messages.length === 0 ? html`<p class="empty">${words.noMessages}</p>` : nothing}
      <ol aria-live="off" aria-busy=${isChatting()}>${messages.map((message, index) => messageView(message, index === messages.length - 1))}</ol>
      ${status === 'submitted' ? html`<p class="hint">${words.waiting}</p>` : nothing}
      ${isReconnecting ? html`<p class="hint">${words.reconnecting}</p>` : nothing}
      ${failureNow()}
      ${totalsView()}
    </section>
    ${chatComposerView()}`;
}

function failureNow(): TemplateResult | typeof nothing {
  const { failure } = chat.get();
  if (!failure) return nothing;
  const { code, message } = toProblem(failure);
  return html`
    <div class="failed" role="alert">
      ${code ? failedView({ ...failure, code, message }) : failureView(code, message)}
      <button type="button" @click=${regenerate}>${words.retry}</button>
    </div>`;
}

function totalsView(): TemplateResult | typeof nothing {
  const { cost, tokens, cachedShare } = totalsOf(chat.get().messages);
  if (tokens === 0) return nothing;
  const totals = [
    words.allTokens(toCount(tokens)),
    cost && toPrice(cost.total, cost.currency),
    cachedShare > 0 && words.cached(toPercent(cachedShare)),
  ].filter(Boolean);
  return html`<p class="hint totals">${words.conversationTotals(totals.join(' · '))}</p>`;
}

function chatComposerView(): TemplateResult {
  const { message, attachments, settings, chatProblem } = state;
  const { messages } = chat.get();
  const model = modelOf(settings.model);
  const reason = model && reasonAgainst(model);
  return html`
    <form class="composer" aria-label=${words.yourMessage} @submit=${submit} @keydown=${sendByKey}
      @dragover=${(event: DragEvent) => event.preventDefault()} @drop=${drop}>
      <label class="visually-hidden" for="message">${words.yourMessage}</label>
      <textarea id="message" rows="2" placeholder=${words.yourMessage} .value=${message} aria-describedby="send-hint"
        @input=${({ currentTarget }: Event & { currentTarget: HTMLTextAreaElement }) => change({ message: currentTarget.value })}
        @paste=${({ clipboardData }: ClipboardEvent) => addFiles(clipboardData?.files ?? [])}></textarea>
      ${
        attachments.length > 0
          ? html`<ul class="chosen" aria-label=${words.files}>${attachments.map(
              ({ name, part }, index) => html`
                <li class="chip">${part.image ? html`<img src=${part.image.url} alt="">` : nothing}<span>${name}</span>
                  <button type="button" aria-label=${words.removeModel(name)}
                    @click=${() => change({ attachments: attachments.toSpliced(index, 1) })}>×</button></li>`,
            )}</ul>`
          : nothing
      }
      ${settingsView()}
      <div class="bar">
        <div class="chosen">
          <button type="button" class="add" aria-haspopup="dialog" @click=${openPicker}>${
            settings.model ? `${words.model}: ${nameOf(settings.model)}` : words.chooseModel
          }</button>
          ${reason ? html`<em class="hint">${reason}</em>` : nothing}
        </div>
        <div class="actions">
          <strong class="hint" role="alert">${chatProblem}</strong>
          <span class="hint" id="send-hint">${words.sendHint}</span>
          ${
            messages.length > 0
              ? html`<button type="button" class="quiet" ?disabled=${isChatting()} @click=${() => confirm(words.clearSure) && clear()}>${words.newConversation}</button>`
              : nothing
          }
          <button type="button" class="quiet" @click=${() => shareNow({ tab: 'chat', settings, messages })}>${words.share}</button>
          <button type="button" class="quiet" aria-haspopup="dialog" @click=${showCode}>${words.asCode}</button>
          <label class="button quiet file">${words.addFiles}
            <input type="file" multiple class="visually-hidden" @change=${chooseFiles}></label>
          ${
            isChatting()
              ? html`<button type="button" class="stop" @click=${chat.stop}>${words.stop}</button>`
              : html`<button class="run" ?disabled=${message.trim() === '' && attachments.length === 0}>${words.send}</button>`
          }
        </div>
      </div>
    </form>`;
}

function settingsView(): TemplateResult {
  const { system, temperature, maxTokens, tools, schema } = state.settings;
  const used = [
    system.trim() && words.system,
    temperature && `${words.temperature} ${temperature}`,
    maxTokens && `${words.maxTokens} ${maxTokens}`,
    tools.trim() && words.toolsTitle,
    schema.trim() && words.schema,
  ].filter(Boolean);
  return html`
    <details class="options">
      <summary>${words.options}${used.length > 0 ? `: ${used.join(' · ')}` : ''}</summary>
      <div class="fields">
        <label class="wide">${words.system}
          <textarea rows="2" .value=${system} @input=${typed('system')}></textarea></label>
        <label>${words.temperature}
          <input inputmode="decimal" autocomplete="off" placeholder=${words.byDefault} .value=${temperature} @input=${typed('temperature')}></label>
        <label>${words.maxTokens}
          <input inputmode="numeric" autocomplete="off" placeholder=${words.byDefault} .value=${maxTokens} @input=${typed('maxTokens')}></label>
        ${jsonField('tools', tools, words.toolsTitle, words.toolsHelp, exampleTools)}
        ${jsonField('schema', schema, words.schema, words.schemaHelp, exampleSchema)}
      </div>
    </details>`;
}

function jsonField(
  name: 'tools' | 'schema',
  value: string,
  title: string,
  help: string,
  example: string,
): TemplateResult {
  return html`
    <div class="wide json">
      <label for="${name}-json">${title}</label>
      ${value.trim() === '' ? html`<button type="button" class="quiet" aria-label=${`${words.insertExample}: ${title}`} @click=${() => changeSettings({ [name]: example })}>${words.insertExample}</button>` : nothing}
      <textarea id="${name}-json" rows="2" spellcheck="false" aria-describedby="${name}-help" .value=${value} @input=${typed(name)}></textarea>
      <p class="hint" id="${name}-help">${help}</p>
    </div>`;
}

function typed(field: 'system' | 'temperature' | 'maxTokens' | 'tools' | 'schema') {
  return ({ currentTarget }: Event & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
    changeSettings({ [field]: currentTarget.value });
}

function submit(event: Event): void {
  event.preventDefault();
  sendTyped();
}

function sendTyped(): void {
  send();
  // Typed and sent between two frames, it was never rendered, so that nothing would empty the field.
  const field = document.querySelector<HTMLTextAreaElement>('#message');
  if (field) field.value = state.message;
}

/** Enter also ends the input of a Japanese or Chinese word. */
function sendByKey(event: KeyboardEvent): void {
  const isMessage = event.target instanceof HTMLElement && event.target.id === 'message';
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing || !isMessage) return;
  event.preventDefault();
  sendTyped();
}

function drop(event: DragEvent): void {
  event.preventDefault();
  void addFiles(event.dataTransfer?.files ?? []);
}

function chooseFiles({ currentTarget }: Event & { currentTarget: HTMLInputElement }): void {
  // The list empties with the field, which is emptied so that the same file can be chosen again.
  void addFiles([...(currentTarget.files ?? [])]);
  currentTarget.value = '';
}

function showCode(): void {
  const request = requestNow();
  if (request) inspect(request);
  else change({ chatProblem: words.settingsWrong });
}
