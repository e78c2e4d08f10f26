import { html, svg, type TemplateResult } from 'lit-html';
import { type Answer, measuresOf } from './answer.ts';
import { nameOf } from './catalogue.ts';
import { toDuration } from './format.ts';
import { words } from './language.ts';
import { state } from './store.ts';

/** A row of dots per model, all on one scale. */
export function firstTokensView(): TemplateResult {
  const times = firstTokensByModel(state.history.flatMap(({ answers }) => answers));
  const longest = Math.max(...[...times.values()].flat());
  return html`
    <h2>${words.firstTokens}</h2>
    <p class="hint">${words.firstTokensHelp}</p>
    ${
      times.size === 0
        ? html`<p class="empty">${words.noFirstTokens}</p>`
        : html`
          <div class="table" tabindex="0" role="region" aria-label=${words.firstTokens}>
            <table class="times">
              <thead><tr><th scope="col">${words.model}</th><th scope="col"><span>0</span><span>${toDuration(longest)}</span></th><th scope="col">${words.median}</th><th scope="col">${words.answers}</th></tr></thead>
              <tbody>${[...times].sort(([, a], [, b]) => medianOf(a) - medianOf(b)).map((row) => rowView(row, longest))}</tbody>
            </table>
          </div>`
    }`;
}

function rowView([model, times]: [string, number[]], longest: number): TemplateResult {
  const median = medianOf(times);
  const toX = (ms: number) => `${(ms / longest) * 100}%`;
  return html`
    <tr>
      <th scope="row">${nameOf(model)}</th>
      <td>
        <svg role="img" aria-label=${times.map(toDuration).join(', ')}>
          <line class="axis" x1="0" x2="100%" y1="50%" y2="50%"></line>
          <line class="median" x1=${toX(median)} x2=${toX(median)} y1="8%" y2="92%"></line>
          ${times.map((ms) => svg`<circle cx=${toX(ms)} cy="50%"></circle>`)}
        </svg>
      </td>
      <td>${toDuration(median)}</td>
      <td>${times.length}</td>
    </tr>`;
}

export function firstTokensByModel(answers: readonly Answer[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const answer of answers) {
    const { firstTokenMs } = measuresOf(answer, 0);
    if (firstTokenMs === undefined) continue;
    times.set(answer.input.model, [...(times.get(answer.input.model) ?? []), firstTokenMs]);
  }
  return times;
}

function medianOf(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}
