import { defineConfig } from 'vite';

/** The gateway answers at the page's own address, so no other origin has to be allowed. */
export default defineConfig({
  server: { proxy: { '/graphql': process.env['PARLEY_URL'] ?? 'http://127.0.0.1:4000' } },
  // Parley's packages as they are in this repository, without a build.
  resolve: { conditions: ['parley-source', 'module', 'browser', 'development|production'] },
});
