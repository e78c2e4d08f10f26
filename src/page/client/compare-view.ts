import { html, nothing, type TemplateResult } from 'lit-html';
import { type Answer, measuresOf } from './answer.ts';
import { answerView, bestOf } from './answer-view.ts';
import { composerView } from './composer-view.ts';
import { copy } from './copy.ts';
import { toPrice } from './format.ts';
import { historyView } from './history-view.ts';
import { words } from './language.ts';
import { toJson, toMarkdown } from './report.ts';
import { isRunning, state } from './store.ts';

/** What the answers cost together, where it is known. */
function costView(answers: readonly Answer[]): TemplateResult | typeof nothing {
  const costs = answers.flatMap((answer) => measuresOf(answer, 0).cost ?? []);
  const [first] = costs;
  if (!first) return nothing;
  const total = costs.reduce((sum, cost) => sum + cost.total, 0);
  return html`<p class="hint">${words.runCost(toPrice(total, first.currency))}</p>`;
}

export function compareView(): TemplateResult {
  const { answers } = state;
  const best = bestOf(answers);
  return html`
    ${composerView()}
    <div id="answers" tabindex="-1">
      ${
        answers.length === 0
          ? html`<p class="empty">${words.noAnswers}</p>`
          : html`
            <h2 class="visually-hidden">${words.answers}</h2>
            <div class="answers of-${answers.length}">${answers.map((answer, index) => answerView(answer, index, best))}</div>
            <div class="actions">
              ${costView(answers)}
              <button type="button" class="quiet" ?disabled=${isRunning()} @click=${() => copy(toMarkdown(answers))}>${words.copyMarkdown}</button>
              <button type="button" class="quiet" ?disabled=${isRunning()} @click=${() => copy(toJson(answers))}>${words.copyJson}</button>
            </div>`
      }
    </div>
    ${historyView()}`;
}
