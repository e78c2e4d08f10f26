import { chatLimits } from '../../src/core/message.ts';
import type { Column } from './columns.ts';
import { bare } from './options.ts';
import { fateOf } from './probe.ts';

/** The values of an option that a provider accepts, determined by trying them. */

type Range = { readonly option: string; readonly from: number; readonly to: number };

export const ranges: readonly Range[] = [
  { option: 'temperature', from: 0, to: 2 },
  { option: 'topP', from: 0, to: 1 },
  { option: 'frequencyPenalty', from: -2, to: 2 },
  { option: 'presencePenalty', from: -2, to: 2 },
];

/** A value that every provider accepts, from which both ends are searched. */
const inside = 0.5;

export function describeRange(column: Column, { option, from, to }: Range): string {
  const takes = (value: number) => takesValue(column, option, value);
  if (!takes(inside)) return 'none';
  const low = edge(takes, { inside, end: from, step: 0.001 });
  const high = edge(takes, { inside, end: to, step: 0.001 });
  return `${takes(low) ? '' : 'above '}${low} to ${takes(high) ? '' : 'below '}${high}`;
}

export function describeStop(column: Column): string {
  const texts = Array.from({ length: chatLimits.stop }, (_, index) => `stop ${index}`);
  const most = texts.findLastIndex((_, index) => takesValue(column, 'stop', texts.slice(0, index + 1))) + 1;
  return most === 0 ? 'none' : `${most} texts`;
}

export function describeMaxTokens(column: Column): string {
  const takes = (value: number) => takesValue(column, 'maxTokens', value);
  const end = 2 ** 24;
  const least = edge(takes, { inside: 1000, end: 1, step: 1 });
  if (!takes(end)) return `${least} to ${edge(takes, { inside: 1000, end, step: 1 })}`;
  return least > 1 ? `${least} to the model's` : "the model's";
}

/** The last step towards `end` that is taken; the first that is not, where all before it are taken but not it. */
function edge(takes: (value: number) => boolean, { inside, end, step }: Record<'inside' | 'end' | 'step', number>) {
  if (takes(end)) return end;
  const direction = Math.sign(end - inside);
  const at = (steps: number) => Number((inside + direction * steps * step).toFixed(3));
  let [taken, refused] = [0, Math.round(Math.abs(end - inside) / step)];
  while (refused - taken > 1) {
    const middle = Math.floor((taken + refused) / 2);
    if (takes(at(middle))) taken = middle;
    else refused = middle;
  }
  const almost = (at(taken) + at(refused)) / 2;
  return step < 1 && takes(almost) ? at(refused) : at(taken);
}

/** A reasoning model may take a value only without reasoning, so both ways count. */
function takesValue(column: Column, option: string, value: unknown): boolean {
  return [{}, { reasoningEffort: 'none' }].some((beside) => {
    const { refusal, warned } = fateOf(column, { ...bare, ...beside }, { [option]: value });
    return !refusal && !warned.includes(option);
  });
}
