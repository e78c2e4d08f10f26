import { html, nothing, type TemplateResult } from 'lit-html';
import type { OutputFile } from 'parley-client';
import type { Failed, Finished, Measures } from './answer.ts';
import { toCount, toDuration, toPercent, toPrice } from './format.ts';
import { words } from './language.ts';

/** What a comparison and a conversation show of an answer beside its text. */

/** Indices of the first, the fastest and the cheapest answer. */
export type Best = { readonly firstToken?: number; readonly speed?: number; readonly cost?: number };

type Failure = Pick<Failed, 'message' | 'retryAfterMs' | 'issues' | 'attempts'> & { readonly code: string };

/** What an answer took. With `best`, the place of the answer among those that it is compared with. */
export function measuresView(measures: Measures, best: Best = {}, index = -1): TemplateResult {
  const { firstTokenMs, elapsedMs, tokensPerSecond, inputTokens, outputTokens, cachedShare, cost, isGuess } = measures;
  const about = isGuess ? '≈ ' : '';
  return html`
    <dl class="measures">
      ${measure(words.firstToken, firstTokenMs === undefined ? '–' : toDuration(firstTokenMs), best.firstToken === index)}
      ${measure(words.speed, tokensPerSecond === undefined ? '–' : `${about}${words.perSecond(toCount(tokensPerSecond))}`, best.speed === index)}
      ${measure(words.cost, cost ? toPrice(cost.total, cost.currency) : '–', best.cost === index)}
      ${measure(words.tokens, outputTokens === undefined ? '–' : `${inputTokens === undefined ? '' : `${toCount(inputTokens)} → `}${about}${toCount(outputTokens)}`, false, cachedShare > 0 ? words.cached(toPercent(cachedShare)) : '')}
      ${measure(words.total, toDuration(elapsedMs))}
    </dl>`;
}

function measure(name: string, value: string, isBest = false, more = ''): TemplateResult {
  return html`<div class=${isBest ? 'best' : ''}><dt>${name}</dt><dd>${value}${
    isBest ? html`<span class="visually-hidden"> (${words.best})</span>` : nothing
  }${more ? html` <small>${more}</small>` : nothing}</dd></div>`;
}

export function finishedView({
  refusal,
  citations,
  warnings,
  attempts,
}: Pick<Finished, 'refusal' | 'citations' | 'warnings' | 'attempts'>): TemplateResult {
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

export function failedView({ code, message, retryAfterMs, issues, attempts }: Failure): TemplateResult {
  // A single issue mostly repeats the failure's message.
  const places = issues.filter((issue) => issue.message !== message);
  return html`
    ${failureView(code, message)}
    ${retryAfterMs === null ? nothing : html`<p>${words.retryLater(toDuration(retryAfterMs))}</p>`}
    ${places.length > 0 ? html`<ul class="issues">${places.map(({ path, message: why }) => html`<li><code>${path}</code> ${why}</li>`)}</ul>` : nothing}
    ${attempts.length > 0 ? attemptsView(attempts) : nothing}`;
}

export function failureView(code: string | undefined, message: string): TemplateResult {
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

/** Images and sound that a model made. Anything else can be saved. */
export function filesView(files: readonly OutputFile[]): TemplateResult[] {
  return files.map(({ mediaType, data }, index) => {
    const url = `data:${mediaType};base64,${data}`;
    const name = words.outputFile(index + 1);
    if (/^image\/(png|jpeg|gif|webp)$/.test(mediaType)) return html`<img class="output" src=${url} alt=${name}>`;
    if (mediaType.startsWith('audio/')) return html`<audio controls src=${url} aria-label=${name}></audio>`;
    return html`<a href=${url} download=${name}>${name} (${mediaType})</a>`;
  });
}
