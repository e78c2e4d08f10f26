import { defineConfig } from 'vitest/config';
import { shared, sources } from './vitest.config.ts';

/** `npm run clients`. The packages are in test/clients, so that the lockfile of the product stays small. */
export default defineConfig({
  ...sources,
  test: { ...shared, include: ['test/clients/*.test.ts'], maxWorkers: 2, silent: 'passed-only' },
});
