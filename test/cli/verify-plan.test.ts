import { describe, expect, it } from 'vitest';
import type { Listing } from '../../src/cli/verify/answer-shape.ts';
import { readOptions } from '../../src/cli/verify/options.ts';
import { chooseModels } from '../../src/cli/verify/plan.ts';

function listed(id: string, more: Partial<Listing['models'][number]> = {}): Listing['models'][number] {
  const [provider = '', ...name] = id.split('/');
  return {
    id,
    name: name.join('/'),
    provider: { id: provider },
    status: 'ACTIVE',
    isSandbox: false,
    maxOutputTokens: null,
    ...more,
  };
}

const listing: Listing = {
  providers: [
    { id: 'openai', status: 'READY' },
    { id: 'deepinfra', status: 'READY' },
    { id: 'ollama', status: 'READY' },
    { id: 'cohere', status: 'SANDBOX' },
    { id: 'xai', status: 'MISSING_KEY' },
  ],
  models: [
    listed('openai/gpt-4o'),
    listed('openai/gpt-4', { status: 'RETIRED' }),
    listed('openai/gpt-9'),
    listed('deepinfra/meta-llama/Llama-3', { status: 'UNKNOWN' }),
    listed('cohere/command', { status: 'RETIRED', isSandbox: true }),
    listed('xai/grok-4'),
  ],
};

const chosen = (...args: string[]) => chooseModels(listing, readOptions(args), true).map(({ id }) => id);

describe('the plan of checks', () => {
  it('has by default every available model that is not retired; a sandbox that answers for them has no retired models', () => {
    expect(chosen()).toEqual(['openai/gpt-4o', 'openai/gpt-9', 'deepinfra/meta-llama/Llama-3', 'cohere/command']);
    const elsewhere = chooseModels(listing, readOptions([]), false).map(({ id }) => id);
    expect(elsewhere).toEqual(['openai/gpt-4o', 'openai/gpt-9', 'deepinfra/meta-llama/Llama-3']);
  });

  it.each([
    [
      ['--provider', 'openai'],
      ['openai/gpt-4o', 'openai/gpt-9'],
    ],
    [
      ['--provider', 'openai', '--provider', 'cohere'],
      ['openai/gpt-4o', 'openai/gpt-9', 'cohere/command'],
    ],
    [['--model', 'openai/gpt-4'], ['openai/gpt-4']],
    [
      ['--model', 'gpt-9', '--model', 'meta-llama/Llama-3', '--model', 'openai/gpt-9'],
      ['openai/gpt-9', 'deepinfra/meta-llama/Llama-3'],
    ],
    [['--provider', 'cohere', '--model', 'command', '--model', 'gpt-4o'], ['cohere/command']],
    [
      ['--seed', '--provider', 'openai'],
      ['openai/gpt-4o', 'openai/gpt-4'],
    ],
    // Only the provider knows whether the model exists.
    [['--model', 'ollama/llama3.2'], ['ollama/llama3.2']],
  ])('is with %j just that', (args, ids) => {
    expect(chosen(...args)).toEqual(ids);
  });

  it.each([
    [['--model', 'gpt-4oo'], /lists no model "gpt-4oo", and it names no provider/],
    [['--model', 'ollama/'], /lists no model "ollama\/"/],
    [['--model', 'cohere/comand'], /"cohere\/comand", and cohere is sandboxed, and its sandbox goes by the catalogue/],
    [['--model', 'grok-4'], /no key for xai. Providers with a key: openai, deepinfra, ollama, cohere\./],
    [['--provider', 'xai'], /no key for xai/],
    [['--provider', 'openay'], /unknown provider "openay". Known: openai, deepinfra, ollama, cohere, xai\./],
    [['--provider', 'ollama'], /Nothing to check: no listed model of ollama .* Name one with --model\./],
    [['--url', 'localhost:4000'], /^--url: expected an address such as/],
    [['--url', 'http://key@localhost:4000'], /^--url: put the key into PARLEY_KEY instead/],
    [['--timeout', 'soon'], /^--timeout: expected a whole number from 1 to 3600/],
    [['--concurrency', '0'], /^--concurrency: expected a whole number from 1 to 64/],
  ])('is with %j nothing, for a reason that is reported', (args, reason) => {
    expect(() => chosen(...args)).toThrow(reason);
  });

  it('is empty where no provider has a key', () => {
    const keyless = { ...listing, providers: [{ id: 'openai', status: 'MISSING_KEY' }] };
    expect(() => chooseModels(keyless, readOptions([]), false)).toThrow('This gateway has no key for any provider.');
  });
});
