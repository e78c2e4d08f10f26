import { defineConfig } from 'vitest/config';

/** The tests that `npm run mutate` runs for each mutant: those of the pipeline and the limits, all in memory. */
export default defineConfig({
  test: {
    include: ['test/routing/**/*.test.ts', 'test/limits/**/*.test.ts', 'test/security/{provider-prose,budget}.test.ts'],
    exclude: ['test/routing/outage.test.ts'],
  },
});
