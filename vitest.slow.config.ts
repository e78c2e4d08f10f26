import { defineConfig } from 'vitest/config';
import { heavy, shared, slow, sources } from './vitest.config.ts';

/** `npm run test:slow`. */
export default defineConfig({
  test: {
    projects: [
      { ...sources, test: { ...shared, name: 'slow', include: slow, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      // One file at a time: each takes both cores.
      { ...sources, test: { ...shared, name: 'heavy', include: heavy, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
