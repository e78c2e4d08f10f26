import { describe, expect, it } from 'vitest';
import { anonymous, mayUseModel, mayUseProvider } from '../../src/core/caller.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { checkAllowed } from '../../src/routing/allowed-models.ts';
import { request } from '../support/requests.ts';

const restricted = { ...anonymous, models: ['openai/gpt-4o', 'mistral/*', 'deepinfra/meta-llama/*', 'route/fast'] };

function refusalOf(fields: Record<string, unknown>): GatewayError | undefined {
  try {
    checkAllowed(restricted, request(fields));
  } catch (thrown) {
    if (thrown instanceof GatewayError) return thrown;
    throw thrown;
  }
  return undefined;
}

describe('a caller with a list of models', () => {
  it.each([
    ['openai/gpt-4o'],
    ['mistral/mistral-large-latest'],
    ['mistral/not-in-the-catalogue'],
    ['deepinfra/meta-llama/Llama-3'],
  ])('may ask %s', (id) => {
    expect(mayUseModel(restricted, id)).toBe(true);
  });

  it.each([
    ['openai/gpt-4o-mini'],
    ['openai/GPT-4o'],
    ['openai/gpt-4o/'],
    ['openai/*'],
    ['mistral'],
    ['mistrals/x'],
    ['deepinfra/meta-llamas/x'],
    ['anthropic/mistral/x'],
    [''],
  ])('may not ask "%s"', (id) => {
    expect(mayUseModel(restricted, id)).toBe(false);
  });

  it('sees the providers of that list alone', () => {
    expect(
      ['openai', 'mistral', 'deepinfra', 'anthropic', 'open'].filter((id) => mayUseProvider(restricted, id)),
    ).toEqual(['openai', 'mistral', 'deepinfra']);
  });

  it('is refused another one, as a model or as a fallback', () => {
    expect(refusalOf({ model: 'openai/gpt-4o', fallbacks: ['mistral/any'] })).toBeUndefined();
    expect(refusalOf({ model: 'gpt-4o', provider: 'openai' })).toBeUndefined();
    expect(refusalOf({ model: 'openai/gpt-4o', provider: 'xai' })).toMatchObject({ issues: [{ path: 'model' }] });
    expect(refusalOf({ model: 'openai/o3', fallbacks: ['mistral/any'] })).toMatchObject({
      code: 'MODEL_NOT_ALLOWED',
      retryable: false,
      issues: [{ path: 'model' }],
    });
    expect(refusalOf({ model: 'openai/gpt-4o', fallbacks: ['mistral/any', 'xai/grok-4'] })).toMatchObject({
      message:
        'fallbacks[1]: This caller may not use this model. Allowed: openai/gpt-4o, mistral/*, deepinfra/meta-llama/*, route/fast.',
      issues: [{ path: 'fallbacks[1]' }],
    });
  });

  it('may use a listed route by its name, whatever its targets', () => {
    expect(refusalOf({ model: 'route/fast' })).toBeUndefined();
    expect(refusalOf({ model: 'fast', provider: 'route' })).toBeUndefined();
    expect(refusalOf({ model: 'route/other' })).toMatchObject({ code: 'MODEL_NOT_ALLOWED' });
  });
});

it('a caller without a list may use every model', () => {
  expect(mayUseModel(anonymous, 'any/thing')).toBe(true);
  expect(() => checkAllowed(anonymous, request({ model: 'any/thing' }))).not.toThrow();
});
