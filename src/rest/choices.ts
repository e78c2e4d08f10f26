import type { Completion, Warning } from '../core/completion.ts';
import type { ApiCall } from './api.ts';
import { toChatCompletion } from './render.ts';
import type { ChatCompletion } from './wire.ts';

/** `n` choices are as many calls side by side, of which the first failure ends all. */

/** The call of one choice. Each has an idempotency key of its own. */
export function callOf({ input }: ApiCall, index: number): ApiCall['input'] {
  const { requestId } = input;
  return index === 0 || typeof requestId !== 'string' ? input : { ...input, requestId: `${requestId}#${index}` };
}

export function toChoices(
  completions: readonly [Completion, ...Completion[]],
  joined: Completion,
  warnings: readonly Warning[],
): ChatCompletion {
  const choices = completions.map((completion, index) => {
    const [choice] = toChatCompletion(completion, []).choices;
    return { ...choice, index };
  });
  const [first, ...others] = choices;
  const whole = toChatCompletion(joined, warnings);
  return { ...whole, choices: [first ?? whole.choices[0], ...others] };
}
