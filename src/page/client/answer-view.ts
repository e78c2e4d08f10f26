import { html, nothing, type TemplateResult } from 'lit-html';
import { type Answer, type Failed, type Finished, isEmpty, type Measures, measuresOf } from './answer.ts';
import { modelOf, nameOf } from './catalogue.ts';
import { copy } from './copy.ts';
import { toCount, toDuration, toPrice } from './format.ts';
import { words } from './language.ts';
import { inspect } from './request-view.ts';
import { retry, stop, toWords } from './run.ts';

/** Indices of the first, the fastest and the cheapest answer. */
export type Best = { readonly firstToken?: number; readonly speed?: number; readonly cost?: number };

export function answerView(answer: Answer, index: number, best: Best): TemplateResult {
  const { input, started, reasoning, text, calls, end } = answer;
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
        ${calls.map((call) => html`<pre class="call"><code>${call.name}(${call.arguments})</code></pre>`)}
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
        <button type="button" class="quiet" aria-haspopup="dialog" aria-label=${`${words.request}: ${name}`} @click=${() => inspect(answer)}>${words.request}</button>
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

function measuresView(measures: Measures, best: Best, index: number): TemplateResult {
  const { firstTokenMs, elapsedMs, tokensPerSecond, inputTokens, outputTokens, cost, isGuess } = measures;
  const about = isGuess ? '≈ ' : '';
  return html`
    <dl class="measures">
      ${measure(words.firstToken, firstTokenMs === undefined ? '–' : toDuration(firstTokenMs), best.firstToken === index)}
      ${measure(words.speed, tokensPerSecond === undefined ? '–' : `${about}${words.perSecond(toCount(tokensPerSecond))}`, best.speed === index)}
      ${measure(words.cost, cost ? toPrice(cost.total, cost.currency) : '–', best.cost === index)}
      ${measure(words.tokens, outputTokens === undefined ? '–' : `${inputTokens === undefined ? '' : `${toCount(inputTokens)} → `}${about}${toCount(outputTokens)}`)}
      ${measure(words.total, toDuration(elapsedMs))}
    </dl>`;
}

function measure(name: string, value: string, isBest = false): TemplateResult {
  return html`<div class=${isBest ? 'best' : ''}><dt>${name}</dt><dd>${value}${
    isBest ? html`<span class="visually-hidden"> (${words.best})</span>` : nothing
  }</dd></div>`;
}

function finishedView({ refusal, citations, warnings, attempts }: Finished): TemplateResult {
  return html`
    ${refusal ? html`<div class="notice"><h4>${words.refusal}</h4><p>${refusal}</p></div>` : nothing}
    ${
      citations.length > 0
        ? html`<h4>${words.sources}</h4><ol class="sources">${citations.map(({ url, title }) => html`<li>${sourceView(url, title)}</li>`)}</ol>`
        : nothing
    }
    ${
      warnings.length > 0
        ? html`<div class="notice"><h4>${words.warnings}</h4><ul>${warnings.map(({ option, message }) => html`<li><code>${option}</code> ${message}</li>`)}</ul></div>`
        : nothing
    }
    ${attempts.length > 1 ? attemptsView(attempts) : nothing}`;
}

/** A provider's address becomes a link only if it is http or https. */
function sourceView(url: string, title: string | null): TemplateResult {
  const text = title ?? url;
  if (!/^https?:/i.test(url)) return html`${text}`;
  return html`<a href=${url} target="_blank" rel="noopener noreferrer nofollow">${text}</a>`;
}

function failedView({ code, message, retryAfterMs, issues, attempts }: Failed): TemplateResult {
  // A single issue mostly repeats the failure's message.
  const places = issues.filter((issue) => issue.message !== message);
  return html`
    ${failureView(code, message)}
    ${retryAfterMs === null ? nothing : html`<p>${words.retryLater(toDuration(retryAfterMs))}</p>`}
    ${places.length > 0 ? html`<ul class="issues">${places.map(({ path, message: why }) => html`<li><code>${path}</code> ${why}</li>`)}</ul>` : nothing}
    ${attempts.length > 0 ? attemptsView(attempts) : nothing}`;
}

function failureView(code: string | undefined, message: string): TemplateResult {
  return html`<div class="failure">${code ? html`<code>${code}</code>` : nothing}<p>${message}</p></div>`;
}

function attemptsView(attempts: Finished['attempts']): TemplateResult {
  return html`
    <details class="attempts">
      <summary>${words.attempts(attempts.length)}</summary>
      <ol>${attempts.map(
        ({ provider, model, code, status, durationMs }) => html`<li>
          ${provider}/${model}: <code>${code ?? words.answeredBy}</code>
          ${status === null ? (durationMs === 0 ? words.passedOver : nothing) : html`HTTP ${status}`} · ${toDuration(durationMs)}
        </li>`,
      )}</ol>
    </details>`;
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
