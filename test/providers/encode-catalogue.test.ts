import { describe, expect, it } from 'vitest';
import { bare, rows } from '../../docs/generate/options.ts';
import { catalog } from '../../src/providers/catalog.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { faultsOf } from '../support/encoding.ts';
import { onWire } from '../support/wires.ts';

/** All options together; a model may refuse images and tools, so there are smaller requests, too. */
const sampling = {
  systemMessage: 'Be brief.',
  temperature: 0.5,
  topP: 0.25,
  maxTokens: 777,
  stop: ['END'],
  frequencyPenalty: 0.125,
  presencePenalty: 0.375,
  seed: 7,
  user: 'u-1',
};
const everything = {
  ...sampling,
  ...rows.find(({ label }) => label === '`tools`')?.given,
  messages: [{ role: 'user', parts: [{ text: 'JSON' }, { image: { url: 'data:image/png;base64,AAAA' } }] }],
  toolChoice: { mode: 'required' },
  parallelToolCalls: false,
  responseFormat: { jsonObject: true },
  reasoningEffort: 'high',
};
const single = rows.map(({ beside, given }) => ({ ...bare, ...beside, ...given }));
const efforts = ['auto', 'minimal', 'low', 'medium', 'xhigh'].map((reasoningEffort) => ({ ...bare, reasoningEffort }));
const inputs = [everything, { ...bare, ...sampling }, { ...everything, ...bare }, ...single, ...efforts];

describe.each(builtInProviders)('every model of $id', (adapter) => {
  const models = catalog.filter(({ provider }) => provider === adapter.id);

  it('is in the catalogue', () => {
    expect(models).not.toEqual([]);
  });

  it.each(models)('$name sends each option, leaves it out with a warning, or refuses it', (facts) => {
    const known = { provider: adapter.id, model: facts.name, facts };
    // On its own wire, and on each other wire that can be configured.
    for (const target of [known, ...(adapter.apis ?? []).map((api) => onWire(api, known))]) {
      for (const input of inputs) {
        // A stream differs by its own fields only, which all options together show.
        const modes = input === everything ? (['whole', 'stream'] as const) : (['whole'] as const);
        for (const mode of modes) {
          expect({ input, faults: faultsOf(adapter, target, input, mode) }).toEqual({ input, faults: [] });
        }
      }
    }
  });
});
