import { html, nothing, type TemplateResult } from 'lit-html';
import { type Answer, isEmpty, measuresOf } from './answer.ts';
import { type Best, failedView, failureView, filesView, finishedView, measuresView } from './answer-parts.ts';
import { modelOf, nameOf } from './catalogue.ts';
import { inspect } from './code-view.ts';
import { copy } from './copy.ts';
import { words } from './language.ts';
import { retry, stop, toWords } from './run.ts';

export function answerView(answer: Answer, index: number, best: Best): TemplateResult {
  const { input, started, reasoning, text, toolCalls, files, end } = answer;
  const name = nameOf(input.model);
  const measures = measuresOf(answer, performance.now());
  return html`
    <section class="answer hue-${index}" aria-labelledby="answer-${index}" aria-busy=${end === undefined}>
      <header>
        <h3 id="answer-${index}">${name}</h3>
        <p class="by">${modelOf(input.model)?.provider.name ?? started?.provider ?? ''}${
          started?.isSandbox ? html` <span class="badge" title=${words.sandboxHelp}>${words.sandbox}</span>` : nothing
        }</p>
        <p class="state ${isEmpty(answer) ? 'Broken' : (end?.__typename ?? 'Running')}">${stateOf(answer)}</p>
      </header>
      ${measuresView(measures, best, index)}
      <div class="body" tabindex="0" role="region" aria-label=${`${words.answerText}: ${name}`}>
        ${
          reasoning
            ? html`<details class="reasoning" ?open=${text === '' && end === undefined}>
                <summary>${words.reasoning}</summary><markdown-text .text=${reasoning}></markdown-text>
              </details>`
            : nothing
        }
        <markdown-text class="text" .text=${text}></markdown-text>
        ${toolCalls.map((call) => html`<pre class="call"><code>${call.name}(${call.arguments})</code></pre>`)}
        ${end ? filesView(files) : nothing}
        ${end?.__typename === 'CompletionFinished' ? finishedView(end) : nothing}
        ${end?.__typename === 'CompletionFailed' ? failedView(end) : nothing}
        ${end?.__typename === 'Broken' ? failureView(end.code, end.message) : nothing}
      </div>
      <footer>
        ${
          end === undefined
            ? html`<button type="button" class="stop" aria-label=${`${words.stop}: ${name}`} @click=${() => stop(answer)}>${words.stop}</button>`
            : end.__typename === 'CompletionFinished' || answer.lacksImage
              ? nothing
              : html`<button type="button" aria-label=${`${words.retry}: ${name}`} @click=${() => retry(answer)}>${words.retry}</button>`
        }
        ${text ? html`<button type="button" class="quiet" aria-label=${`${words.copyAnswer}: ${name}`} @click=${() => copy(text)}>${words.copy}</button>` : nothing}
        <button type="button" class="quiet" aria-haspopup="dialog" aria-label=${`${words.asCode}: ${name}`} @click=${() => inspect(answer.input)}>${words.asCode}</button>
      </footer>
    </section>`;
}

function stateOf(answer: Answer): string {
  const { end, started, isReconnecting } = answer;
  if (isEmpty(answer)) return words.emptyAnswer;
  if (end) return toWords(end);
  if (isReconnecting) return words.reconnecting;
  return started ? words.running : words.waiting;
}

/** Only complete answers are compared, and only where there are several. */
export function bestOf(answers: readonly Answer[]): Best {
  const all = answers.map((answer) =>
    answer.end?.__typename === 'CompletionFinished' && !isEmpty(answer) ? measuresOf(answer, 0) : undefined,
  );
  if (all.filter((one) => one !== undefined).length < 2) return {};
  return {
    ...place(
      'firstToken',
      all.map((one) => one?.firstTokenMs),
    ),
    ...place(
      'speed',
      all.map((one) => (one?.tokensPerSecond === undefined ? undefined : -one.tokensPerSecond)),
    ),
    ...place(
      'cost',
      all.map((one) => one?.cost?.total),
    ),
  };
}

function place(name: keyof Best, values: readonly (number | undefined)[]): Best {
  const known = values.filter((value) => value !== undefined);
  const least = Math.min(...known);
  const isShared = known.filter((value) => value === least).length !== 1;
  return known.length < 2 || isShared ? {} : { [name]: values.indexOf(least) };
}
