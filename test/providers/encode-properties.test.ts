import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatInputs } from '../support/chat-inputs.ts';
import { faultsOf } from '../support/encoding.ts';
import { wires } from '../support/wires.ts';

describe.each(wires)('any request for $name', ({ adapter, target }) => {
  it.each(['whole', 'stream'] as const)('is sent, left out with a warning, or refused by name (%s)', (mode) => {
    fc.assert(
      fc.property(chatInputs, (input) => {
        expect(faultsOf(adapter, target, input, mode)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });
});
