import { html, type TemplateResult } from 'lit-html';
import { answerView, bestOf } from './answer-view.ts';
import { composerView } from './composer-view.ts';
import { historyView } from './history-view.ts';
import { words } from './language.ts';
import { copy, toJson, toMarkdown } from './report.ts';
import { isRunning, state } from './store.ts';

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
              <button type="button" class="quiet" ?disabled=${isRunning()} @click=${() => copy(toMarkdown(answers))}>${words.copyMarkdown}</button>
              <button type="button" class="quiet" ?disabled=${isRunning()} @click=${() => copy(toJson(answers))}>${words.copyJson}</button>
            </div>`
      }
    </div>
    ${historyView()}`;
}
