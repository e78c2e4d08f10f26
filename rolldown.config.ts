import { defineConfig } from 'rolldown';

/**
 * What `npm run build` writes: the program with its libraries in a few files. Node would read and compile seven hundred of them
 * one by one, which is most of the time of a start.
 */
export default defineConfig({
  // Answers are validated in a thread, which has a file of its own.
  input: { parley: 'src/parley.js', 'schema-worker': 'src/structured-output/worker.ts' },
  platform: 'node',
  external: [
    // The operator's SDK finds it there, and is found by it.
    '@opentelemetry/api',
    // Large, and loaded only when they are asked for.
    '@copilotkit/aimock',
    '@graphql-yoga/render-graphiql',
  ],
  output: { dir: 'dist', format: 'esm', sourcemap: true, cleanDir: true, chunkFileNames: '[name]-[hash].js' },
});
