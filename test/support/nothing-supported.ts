import type { SupportedOptions } from '../../src/core/model.ts';

/** For models of tests that ask nothing of it. */
export const nothingSupported: SupportedOptions = {
  media: ['text'],
  serverTools: [],
  outputModalities: ['text'],
  serviceTiers: [],
  options: new Set(),
  cacheBreakpoints: false,
};
