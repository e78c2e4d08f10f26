import { html, nothing, type TemplateResult } from 'lit-html';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** `load` requests again everything that a key may show. */
export function keyView(load: () => void): TemplateResult {
  const { key, isKeyWanted, keyProblem } = state;
  return html`
    <details class="key" ?open=${isKeyWanted}>
      <summary>${key && !isKeyWanted ? words.keySet : words.key}</summary>
      <form @submit=${(event: SubmitEvent & { currentTarget: HTMLFormElement }) => {
        event.preventDefault();
        const typed = new FormData(event.currentTarget).get('key');
        event.currentTarget.closest('details')?.removeAttribute('open');
        // Another caller's usage is cleared, whether or not the new key is valid.
        change({ key: String(typed ?? '').trim(), isKeyWanted: false, keyProblem: '', usage: undefined });
        load();
      }}>
        ${isKeyWanted ? html`<p role="alert">${keyProblem || words.keyWanted}</p>` : nothing}
        <label>${words.key} <input type="password" name="key" autocomplete="off" spellcheck="false"></label>
        <button>${words.useKey}</button>
        <p class="hint">${words.keyHelp}</p>
      </form>
    </details>`;
}
