import { expect, it } from 'vitest';
import { comparePaths, compareTransports } from '../fuzz/compare-paths.ts';

it('the fast path and the path of graphql-yoga answer 200 random operations with the same bytes', async () => {
  const { compared, differences } = await comparePaths(0, 200);
  expect(differences).toEqual([]);
  expect(compared).toBeGreaterThan(100);
});

it('batches, WebSockets and single connections give 200 random operations the results of graphql-yoga', async () => {
  expect(await compareTransports(0, 200)).toEqual([]);
});
