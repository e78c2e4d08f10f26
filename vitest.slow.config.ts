import { defineConfig } from 'vitest/config';
import { shared, slow, sources } from './vitest.config.ts';

/** `npm run test:slow`. One file at a time: each takes both cores. */
export default defineConfig({ ...sources, test: { ...shared, include: slow, maxWorkers: 1 } });
