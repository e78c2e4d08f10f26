import { html, nothing, type TemplateResult } from 'lit-html';
import type { ContentPartInput } from 'parley-client';
import type { ChatMessage } from 'parley-client/chat';
import { filesView, finishedView, measuresView } from './answer-parts.ts';
import { answerCall, edit, isChatting, measuresOfMessage, regenerate, remove } from './conversation.ts';
import { copy } from './copy.ts';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** One message of a conversation. */
export function messageView(message: ChatMessage, isLast: boolean): TemplateResult {
  if (state.edited?.id === message.id) return editView(message);
  const { role, text, attachments } = message;
  return html`
    <li class="message ${role}">
      <h3>${role === 'USER' ? words.you : (message.completion?.model ?? words.answerText)}${
        message.completion?.isSandbox
          ? html` <span class="badge" title=${words.sandboxHelp}>${words.sandbox}</span>`
          : nothing
      }</h3>
      ${attachments.map(attachmentView)}
      ${role === 'USER' ? html`<p class="prompt">${text}</p>` : answerView(message, isLast)}
      <footer>
        ${role === 'USER' && !isChatting() ? html`<button type="button" class="quiet" @click=${() => change({ edited: { id: message.id, text } })}>${words.edit}</button>` : nothing}
        ${role === 'ASSISTANT' && isLast && !isChatting() ? html`<button type="button" class="quiet" @click=${regenerate}>${words.regenerate}</button>` : nothing}
        ${text ? html`<button type="button" class="quiet" @click=${() => copy(text)}>${words.copy}</button>` : nothing}
        ${isChatting() ? nothing : html`<button type="button" class="quiet" @click=${() => remove(message.id)}>${words.delete}</button>`}
      </footer>
    </li>`;
}

function answerView(message: ChatMessage, isLast: boolean): TemplateResult {
  const { text, reasoning, toolCalls, files, completion } = message;
  const measures = measuresOfMessage(message, isLast);
  return html`
    ${reasoning ? html`<details class="reasoning"><summary>${words.reasoning}</summary><markdown-text .text=${reasoning}></markdown-text></details>` : nothing}
    <markdown-text class="text" .text=${isObjectText(message) ? asCode(completion?.object ?? text) : text}></markdown-text>
    ${completion ? filesView(files) : nothing}
    ${toolCalls.map(callView)}
    ${completion ? finishedView(completion) : nothing}
    ${measures ? measuresView(measures) : nothing}`;
}

/** An answer with a schema is JSON, and is shown as such while it is written. */
function isObjectText({ text, completion }: ChatMessage): boolean {
  if (completion) return completion.object != null;
  return state.settings.schema.trim() !== '' && text.trimStart().startsWith('{');
}

function asCode(value: unknown): string {
  return `\`\`\`json\n${typeof value === 'string' ? value : JSON.stringify(value, undefined, 2)}\n\`\`\``;
}

function callView({ id, name, arguments: text, content, isError }: ChatMessage['toolCalls'][number]): TemplateResult {
  return html`
    <div class="call">
      <pre tabindex="0"><code>${name}(${text})</code></pre>
      ${
        content === undefined
          ? html`<form class="result" @submit=${(event: SubmitEvent) => answer(event, id)}>
              <label>${words.resultOf(name)} <textarea name="result" rows="2" spellcheck="false"></textarea></label>
              <button>${words.giveResult}</button>
            </form>`
          : html`<p class=${isError ? 'failure' : 'hint'}>${words.result}: <code>${content}</code></p>`
      }
    </div>`;
}

function answer(event: SubmitEvent, id: string): void {
  event.preventDefault();
  answerCall(id, String(new FormData(event.currentTarget as HTMLFormElement).get('result') ?? ''));
}

function editView({ id }: ChatMessage): TemplateResult {
  return html`
    <li class="message USER">
      <form class="edit" @submit=${(event: SubmitEvent) => {
        event.preventDefault();
        const text = String(new FormData(event.currentTarget as HTMLFormElement).get('text') ?? '');
        change({ edited: undefined });
        edit(id, text);
      }}>
        <label>${words.editMessage} <textarea name="text" rows="2" .value=${state.edited?.text ?? ''}></textarea></label>
        <button class="run">${words.sendAgain}</button>
        <button type="button" class="quiet" @click=${() => change({ edited: undefined })}>${words.cancel}</button>
      </form>
    </li>`;
}

function attachmentView({ image, audio, video, file }: ContentPartInput): TemplateResult {
  if (image) return html`<img class="attached" src=${image.url} alt=${words.image}>`;
  const other = audio ?? video ?? file;
  return html`<p class="hint">📎 ${other?.name ?? words.files}</p>`;
}
