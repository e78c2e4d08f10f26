import { html, nothing, type TemplateResult } from 'lit-html';
import { firstTokensView } from './first-tokens-view.ts';
import { toDuration } from './format.ts';
import { words } from './language.ts';
import { type Provider, state } from './store.ts';
import { usageView } from './usage-view.ts';

export function providersView(): TemplateResult {
  const { providers } = state;
  return html`
    <h2>${words.providers}</h2>
    ${
      providers
        ? html`
          <div class="table" tabindex="0" role="region" aria-label=${words.providers}>
            <table>
              <thead><tr><th scope="col">${words.provider}</th><th scope="col">${words.status}</th><th scope="col">${words.keys}</th></tr></thead>
              <tbody>${providers.map(providerView)}</tbody>
            </table>
          </div>`
        : html`<p class="empty">${words.loading}</p>`
    }
    ${usageView()} ${firstTokensView()}`;
}

function providerView({ id, name, status, availableAt, keys }: Provider): TemplateResult {
  return html`
    <tr>
      <th scope="row">${name} <small><code>${id}</code></small></th>
      <td><span class="status ${status}" title=${words.statusHelp[status]}>${words.statuses[status]}</span>${
        availableAt ? html` <small>${restView(availableAt)}</small>` : nothing
      }</td>
      <td>${keys.length === 0 ? '–' : html`<ul class="keys">${keys.map(keyView)}</ul>`}</td>
    </tr>`;
}

function keyView({ name, cooldowns }: Provider['keys'][number]): TemplateResult {
  return html`
    <li><code>${name}</code> ${
      cooldowns.length === 0
        ? html`<span class="status READY">${words.keyServes}</span>`
        : cooldowns.map(
            ({ model, status, code, availableAt }) =>
              html`<span class="status ${status}" title=${words.statusHelp[status]}>${
                words.statuses[status]
              }</span> <small>${model ?? words.allModels} · ${code} · ${restView(availableAt)}</small>`,
          )
    }</li>`;
}

function restView(availableAt: string): TemplateResult {
  return html`<time datetime=${availableAt}>${words.until(toDuration(Math.max(0, Date.parse(availableAt) - Date.now())))}</time>`;
}
