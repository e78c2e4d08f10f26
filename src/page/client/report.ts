import { type Answer, measuresOf } from './answer.ts';
import { nameOf } from './catalogue.ts';
import { toCount, toDuration, toPrice } from './format.ts';
import { words } from './language.ts';
import { toWords } from './run.ts';
import { state } from './store.ts';

/** The comparison as Markdown: a table of measures, then every answer. */
export function toMarkdown(answers: readonly Answer[]): string {
  const cells = [words.model, words.firstToken, words.speed, words.tokens, words.cost, words.ended];
  const rows = answers.map((answer) => {
    const { firstTokenMs, tokensPerSecond, outputTokens, cost } = measuresOf(answer, performance.now());
    return [
      nameOf(answer.input.model),
      firstTokenMs === undefined ? '' : toDuration(firstTokenMs),
      tokensPerSecond === undefined ? '' : words.perSecond(toCount(tokensPerSecond)),
      outputTokens === undefined ? '' : toCount(outputTokens),
      cost ? toPrice(cost.total, cost.currency) : '',
      answer.end ? toWords(answer.end) : words.running,
    ];
  });
  const table = [cells, cells.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
  const texts = answers.map((answer) => `## ${nameOf(answer.input.model)}\n\n${answer.text || problemOf(answer)}`);
  const prompt = state.draft.prompt.replace(/^/gm, '> ');
  return `${[prompt, table, ...texts].join('\n\n')}\n`;
}

/** The comparison as JSON: the request, the answers, and how they ended. */
export function toJson(answers: readonly Answer[]): string {
  const results = answers.map(({ input, started, reasoning, text, toolCalls, end, firstContentMs, elapsedMs }) => ({
    input,
    started,
    ...(reasoning && { reasoning }),
    text,
    ...(toolCalls.length > 0 && { toolCalls }),
    end,
    seenHere: { firstContentMs, elapsedMs },
  }));
  return JSON.stringify(results, undefined, 2);
}

function problemOf({ end }: Answer): string {
  return end?.__typename === 'CompletionFailed' || end?.__typename === 'Broken' ? `${end.code}: ${end.message}` : '';
}
