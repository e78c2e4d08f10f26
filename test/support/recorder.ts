import type { Attempt } from '../../src/core/completion.ts';
import type { CallFacts, CallOutcome, Observer } from '../../src/core/observer.ts';

/** One call as its observer saw it. */
export type Heard = {
  readonly facts: CallFacts;
  readonly tries: { readonly target: string; attempt?: Attempt }[];
  streams: number;
  readonly outcomes: CallOutcome[];
};

/** Keeps all observer events. `headers` are sent with each attempt. */
export function createRecorder(headers: Readonly<Record<string, string>> = {}): Observer & { readonly calls: Heard[] } {
  const calls: Heard[] = [];
  return {
    calls,
    refused: () => {},
    keptStream: () => {},
    begin(facts) {
      const heard: Heard = { facts, tries: [], streams: 0, outcomes: [] };
      calls.push(heard);
      return {
        attempt({ provider, model }) {
          const one: Heard['tries'][number] = { target: `${provider}/${model}` };
          heard.tries.push(one);
          return {
            headers,
            ended(attempt) {
              if (one.attempt) throw new Error('A try ended twice');
              one.attempt = attempt;
            },
          };
        },
        firstContent: () => void heard.streams++,
        ended: (outcome) => void heard.outcomes.push(outcome),
      };
    },
  };
}
