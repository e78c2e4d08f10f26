import { describe, expect, it } from 'vitest';
import { anonymous, mayAsk, mayAskSomeOf } from '../../src/core/caller.ts';
import { GatewayError } from '../../src/core/errors.ts';
import { checkAllowed } from '../../src/routing/allowed-models.ts';
import { target } from '../support/requests.ts';

const restricted = { ...anonymous, models: ['openai/gpt-4o', 'mistral/*', 'deepinfra/meta-llama/*'] };

function refusalOf(...ids: string[]): GatewayError | undefined {
  try {
    checkAllowed(
      restricted,
      ids.map((id) => target(id)),
    );
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
    expect(mayAsk(restricted, id)).toBe(true);
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
    expect(mayAsk(restricted, id)).toBe(false);
  });

  it('knows the providers of that list alone', () => {
    expect(
      ['openai', 'mistral', 'deepinfra', 'anthropic', 'open'].filter((id) => mayAskSomeOf(restricted, id)),
    ).toEqual(['openai', 'mistral', 'deepinfra']);
  });

  it('is refused where it asks for another one, in the first place or as a fallback', () => {
    expect(refusalOf('openai/gpt-4o', 'mistral/any')).toBeUndefined();
    expect(refusalOf('openai/o3', 'mistral/any')).toMatchObject({
      code: 'MODEL_NOT_ALLOWED',
      retryable: false,
      issues: [{ path: 'model' }],
    });
    expect(refusalOf('openai/gpt-4o', 'mistral/any', 'xai/grok-4')).toMatchObject({
      message:
        'fallbacks[1]: This caller may not ask this model. It may ask: openai/gpt-4o, mistral/*, deepinfra/meta-llama/*.',
      issues: [{ path: 'fallbacks[1]' }],
    });
  });
});

it('a caller without a list may ask everything', () => {
  expect(mayAsk(anonymous, 'any/thing')).toBe(true);
  expect(() => checkAllowed(anonymous, [target('any/thing')])).not.toThrow();
});
