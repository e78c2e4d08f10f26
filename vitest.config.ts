import { defineConfig } from 'vitest/config';

/** Tests that drive a browser or other programs, and mostly wait for them. `npm run test:slow` runs them. */
export const slow = [
  'test/browser/**/*.test.ts',
  'test/cli/{verify,verify-terminal}.test.ts',
  'test/first-day/*.test.ts',
  'test/kit/packed.test.ts',
  'test/security/settings.test.ts',
];

/** Tests that put a gateway under load, ask all models, or compute for long. `npm run test:slow` runs them, too. */
export const heavy = [
  'test/soak/*.test.ts',
  'test/security/{attacks,expressions}.test.ts',
  'test/faults/own-side.test.ts',
  'test/{fuzz/fuzz,e2e/any-faults,routing/outage}.test.ts',
  'test/providers/encode-catalogue.test.ts',
  'test/resume/memory.test.ts',
];

/** Packages of this repository as they are, without a build. */
export const sources = { ssr: { resolve: { conditions: ['parley-source', 'node', 'import', 'default'] } } };

export const shared = {
  // One instance of graphql for Yoga, Pothos and us: with two, errors are not recognized as GraphQL's own.
  server: { deps: { inline: [/graphql/, /@pothos/, /@envelop/, /@whatwg-node/] } },
  isolate: false,
  testTimeout: 20_000,
  hookTimeout: 30_000,
};

export default defineConfig({
  ...sources,
  test: {
    ...shared,
    include: ['test/**/*.test.ts'],
    // Official clients are a package of their own: `npm run clients`.
    exclude: [...slow, ...heavy, 'test/clients/**'],
    // By default one worker runs beside an idle core, and each file imports everything anew: two thirds of the time. Files
    // that wait leave room for a third.
    maxWorkers: 3,
  },
});
