import { defineConfig } from 'vitest/config';

/** Tests that drive a browser, put a gateway under load, or compute for long. `npm run test:slow` runs them. */
export const slow = [
  'test/browser/**/*.test.ts',
  'test/soak/*.test.ts',
  'test/first-day/*.test.ts',
  'test/security/{attacks,expressions}.test.ts',
  'test/faults/own-side.test.ts',
  'test/resume/memory.test.ts',
];

export const shared = {
  // One instance of graphql for Yoga, Pothos and us: with two, errors are not recognized as GraphQL's own.
  server: { deps: { inline: [/graphql/, /@pothos/, /@envelop/, /@whatwg-node/] } },
  isolate: false,
  testTimeout: 20_000,
  hookTimeout: 30_000,
};

export default defineConfig({
  test: {
    ...shared,
    include: ['test/**/*.test.ts'],
    exclude: slow,
    // By default one worker runs beside an idle core, and each file imports everything anew: two thirds of the time. Files
    // that wait leave room for a third.
    maxWorkers: 3,
  },
});
