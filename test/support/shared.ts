import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../shared/', import.meta.url));

/** Recorded provider answers, kept beside the repository. Tests that need them skip without them. */
export const sharedFixtures = existsSync(`${root}fixtures/README.md`) ? `${root}fixtures/` : undefined;
export const sharedCatalog = existsSync(`${root}catalog.json`) ? `${root}catalog.json` : undefined;
