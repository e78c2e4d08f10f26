import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtInProviders } from '../../src/providers/registry.ts';
import { chatInputs } from '../support/chat-inputs.ts';
import { faultsOf } from '../support/encoding.ts';
import { target } from '../support/requests.ts';

describe.each(builtInProviders)('whatever a caller asks of $id', (adapter) => {
  it.each(['whole', 'stream'] as const)('is sent, left out with a warning, or refused by name (%s)', (mode) => {
    const unknown = target(`${adapter.id}/some-model`);
    fc.assert(
      fc.property(chatInputs, (input) => {
        expect(faultsOf(adapter, unknown, input, mode)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });
});
