import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One instance of graphql for Yoga, Pothos and us: with two, errors are not recognized as GraphQL's own.
    server: { deps: { inline: [/graphql/, /@pothos/, /@envelop/, /@whatwg-node/] } },
    // By default one worker runs beside an idle core, and each file imports everything anew: two thirds of the time. Files that wait leave room for a third.
    maxWorkers: 3,
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
