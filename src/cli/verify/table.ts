import { styleText } from 'node:util';
import { plainText } from './plain-text.ts';
import { type Report, type ReportedResult, type Stats, sum } from './report.ts';

/** The report for people, 100 columns wide. Colours only where the output is a terminal that supports them. */
export function formatReport({ stats, results, isComplete }: Report): string {
  const models = Object.values(Object.groupBy(results, ({ model }) => model)).map((own = []) => own);
  const failed = results.filter(({ success }) => !success);
  const isFree = results.every(({ isSandbox }) => isSandbox);
  const rate = `${stats.passed} of ${stats.checks} checks passed (${percent(stats)})`;
  return [
    styleText('bold', modelRow('model', 'whole', 'streamed', 'first token', 'duration', 'tokens', 'cost')),
    ...models.map(describeModel),
    '',
    ...failed.flatMap(({ model, mode, error }) => [
      styleText('red', `${plainText(model)}, ${mode}: ${plainText(error?.code ?? '')}`),
      `  ${plainText(error?.message ?? '')}`,
      '',
    ]),
    styleText('bold', providerRow('provider', 'checks', 'passed', 'failed', 'success')),
    ...Object.entries(stats.providers).map(([provider, own]) =>
      providerRow(plainText(provider), `${own.checks}`, `${own.passed}`, `${own.failed}`, percent(own)),
    ),
    '',
    ...(isComplete ? [] : [`Stopped: ${stats.checks} of ${stats.planned} checks were made.`]),
    `${styleText(stats.failed > 0 ? 'red' : 'green', rate)} in ${seconds(stats.durationMs)}.`,
    `${stats.tokens} tokens, ${dollars(stats.costUsd)} by the price list${isFree ? '; the sandbox answered, so nothing was paid' : ''}.`,
    '',
  ].join('\n');
}

/** Both checks of one model; time, tokens and cost are their sums. */
function describeModel(own: readonly ReportedResult[]): string {
  const whole = own.find(({ mode }) => mode === 'whole');
  const streamed = own.find(({ mode }) => mode === 'streamed');
  const row = modelRow(
    plainText(own[0]?.model ?? ''),
    outcome(whole),
    outcome(streamed),
    streamed?.firstTokenMs == null ? '-' : `${streamed.firstTokenMs} ms`,
    seconds(sum(own, ({ durationMs }) => durationMs)),
    `${sum(own, ({ tokens }) => tokens)}`,
    own.some(({ costUsd }) => costUsd !== null) ? dollars(sum(own, ({ costUsd }) => costUsd)) : '-',
  );
  return own.every(({ success }) => success) ? row : styleText('red', row);
}

const modelRow = columns(46, 7, 9, 12, 9, 7, 10);
const providerRow = columns(20, 9, 9, 9, 10);

/** First column left-aligned, the others right-aligned. */
function columns(first: number, ...others: readonly number[]) {
  return (name: string, ...cells: readonly string[]): string =>
    clip(name, first).padEnd(first) + cells.map((cell, place) => cell.padStart(others[place] ?? 0)).join('');
}

/** Cut in the middle: model ids differ at both ends. */
function clip(name: string, most: number): string {
  if (name.length <= most) return name;
  const end = Math.floor((most - 1) / 2);
  return `${name.slice(0, most - 1 - end)}…${name.slice(-end)}`;
}

function outcome(result: ReportedResult | undefined): string {
  if (!result) return '-';
  return result.success ? 'ok' : 'failed';
}

function percent({ checks, successRate }: Stats): string {
  // Rounded down: one failure in a thousand is not 100 %.
  return checks === 0 ? '-' : `${(Math.floor(successRate * 1_000) / 10).toFixed(1)} %`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 9_950 ? 2 : 1)} s`;
}

function dollars(amount: number): string {
  return `$${amount.toFixed(amount > 0 && amount < 0.01 ? 6 : 4)}`;
}
