import { html, nothing, type TemplateResult } from 'lit-html';
import { toCount, toDuration, toMoment, toPrice, toShortCount } from './format.ts';
import { words } from './language.ts';
import { state, type Usage } from './store.ts';

type Row = Usage['rows'][number];

/** What the gateway has counted since it started: the caller's own usage, for an admin everybody's. */
export function usageView(): TemplateResult | typeof nothing {
  const { usage, providers } = state;
  if (!usage) return nothing;
  // "other" collects names that callers made up.
  const names = new Map(providers?.map(({ id, name }) => [id, name])).set('other', words.otherProviders);
  return html`
    <h2>${words.usage}</h2>
    <p class="hint">${words.usageSince(toMoment(usage.since))}</p>
    ${
      usage.rows.length === 0
        ? html`<p class="empty">${words.noUsage}</p>`
        : html`
          <div class="table" tabindex="0" role="region" aria-label=${words.usage}>
            <table class="usage">
              <thead><tr>${[
                words.provider,
                words.requests,
                words.failures,
                words.tokens,
                words.cost,
                words.firstToken,
              ].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
              <tbody>${usage.rows.map((row) => rowView(row, names.get(row.name) ?? row.name))}</tbody>
            </table>
          </div>`
    }`;
}

function rowView(row: Row, name: string): TemplateResult {
  const { requests, errors, inputTokens, outputTokens, costUsd, unpricedRequests, timeToFirstTokenMs: times } = row;
  return html`
    <tr>
      <th scope="row">${name}</th>
      <td>${toCount(requests)}</td>
      <td>${errors === 0 ? '–' : toCount(errors)}</td>
      <td>${toShortCount(inputTokens)} → ${toShortCount(outputTokens)}</td>
      <td>${toPrice(costUsd)}${unpricedRequests > 0 ? html` <small>${words.unpriced(toCount(unpricedRequests))}</small>` : nothing}</td>
      <td>${times ? html`${toDuration(times.p50)} <small>${words.p95(toDuration(times.p95))}</small>` : '–'}</td>
    </tr>`;
}
