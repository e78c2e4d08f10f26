import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openState, sealState } from '../../src/core/provider-state.ts';

it('provider state is read back unchanged by its own provider only', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (state) => {
      const sealed = sealState('anthropic', state);
      expect(openState('anthropic', sealed)).toEqual(JSON.parse(JSON.stringify(state)));
      expect(openState('google', sealed)).toBeUndefined();
      expect(sealed).toMatch(/^[\w-]+$/);
    }),
  );
});

it('any other text is ignored', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(openState('anthropic', text)).toBeUndefined();
    }),
  );
});
