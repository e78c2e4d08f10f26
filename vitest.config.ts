import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One instance of graphql for Yoga, Pothos and us: with two, errors are not recognized as GraphQL's own.
    server: { deps: { inline: [/graphql/, /@pothos/, /@envelop/, /@whatwg-node/] } },
    // By default one core is left idle, and each file imports everything anew: two thirds of the time.
    maxWorkers: 2,
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
