import { openGraphQLPaths } from '../support/graphql-paths.ts';
import { randomOperation } from '../support/random-operation.ts';
import { createDice } from './random.ts';

const accepts = ['application/json', 'application/graphql-response+json', 'text/event-stream', '*/*'] as const;

export type Difference = {
  readonly seed: number;
  readonly query: string;
  readonly fast: string;
  readonly yoga: string;
};

/** Sends random operations over each transport that carries several, and returns those whose results differ from Yoga's. */
export async function compareTransports(first: number, count: number): Promise<readonly object[]> {
  await using paths = await openGraphQLPaths();
  const differences: object[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const operation = randomOperation(createDice(seed));
    const { yoga, ...others } = await paths.results(operation);
    for (const [transport, results] of Object.entries(others)) {
      if (results.join('\n') === yoga.join('\n')) continue;
      differences.push({ seed, transport, query: operation.query, results, yoga });
    }
  }
  return differences;
}

/** Sends random operations over both paths of the GraphQL face, and returns those whose bytes differ. */
export async function comparePaths(
  first: number,
  count: number,
): Promise<{ readonly compared: number; readonly differences: readonly Difference[] }> {
  await using paths = await openGraphQLPaths();
  const differences: Difference[] = [];
  let compared = 0;
  for (let seed = first; seed < first + count; seed++) {
    const dice = createDice(seed);
    const operation = randomOperation(dice);
    const { fast, yoga } = await paths.ask(operation, dice.pick(...accepts));
    // Operations outside the fast path are answered by Yoga only.
    if (fast === undefined) continue;
    compared += 1;
    if (fast !== yoga) differences.push({ seed, query: operation.query, fast, yoga });
  }
  return { compared, differences };
}
