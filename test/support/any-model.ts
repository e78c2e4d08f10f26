import type { SandboxRules } from '../../src/sandbox/refusals.ts';

/** A sandbox that answers for every model. */
export const anyModel: SandboxRules = { models: [], refusesRetired: false };
