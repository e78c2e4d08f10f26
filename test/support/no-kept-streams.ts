import type { KeptStreams } from '../../src/core/kept-streams.ts';

/** For gateways that keep no stream. */
export const noKeptStreams: KeptStreams = {
  resume: () => Promise.reject(new Error('Nothing is kept')),
  list: async () => [],
  result: () => Promise.reject(new Error('Nothing is kept')),
  stop: async () => 'not_found',
  remove: async () => false,
};
