import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Candidate } from './plan.ts';

/** Checks of one model: whole, streamed, and one for each feature. */
export function checksOf({ features }: Candidate): number {
  return 2 + features.length;
}

export function checksOfAll(models: readonly Candidate[]): number {
  return models.reduce((sum, model) => sum + checksOf(model), 0);
}

/** Prints how many requests go to which provider, and how many of them may cost money. */
export function announce(models: readonly Candidate[]): string {
  const checks = checksOfAll(models);
  const real = models.filter(({ isSandbox }) => !isSandbox);
  const what = `${checks} checks of ${models.length} ${models.length === 1 ? 'model' : 'models'}`;
  if (real.length === 0) return `${what}, all answered by the sandbox at no cost.`;
  const calls = Object.entries(Object.groupBy(real, ({ provider }) => provider)).map(
    ([provider, own = []]) => `${provider} ${checksOfAll(own)}`,
  );
  return `${what}; ${checksOfAll(real)} of them are requests to real providers and may cost money: ${calls.join(', ')}.`;
}

/** Asks for confirmation on the terminal. Anything but a yes is a no, and so is leaving. */
export async function hasConsent(signal: AbortSignal): Promise<boolean> {
  // Not in terminal mode, which would take Ctrl-C for itself.
  const terminal = createInterface({ input: process.stdin, output: process.stderr, terminal: false });
  // At the end of the input no answer can come any more.
  const closed = once(terminal, 'close').then(() => '');
  signal.addEventListener('abort', () => terminal.close());
  try {
    const answer = await Promise.race([terminal.question('Go on? [y/N] '), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
