import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { Candidate } from './plan.ts';

/** Checks of one model: whole and streamed. */
export const checksPerModel = 2;

/** Prints how many requests go to which provider, and how many of them may cost money. */
export function announce(models: readonly Candidate[]): string {
  const checks = models.length * checksPerModel;
  const real = models.filter(({ isSandbox }) => !isSandbox);
  const what = `${checks} checks of ${models.length} ${models.length === 1 ? 'model' : 'models'}`;
  if (real.length === 0) return `${what}, all answered by the sandbox at no cost.`;
  const calls = Object.entries(Object.groupBy(real, ({ provider }) => provider)).map(
    ([provider, own = []]) => `${provider} ${own.length * checksPerModel}`,
  );
  return `${what}; ${real.length * checksPerModel} of them are requests to real providers and may cost money: ${calls.join(', ')}.`;
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
