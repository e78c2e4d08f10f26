import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Model, ModelFacts, Target } from '../../src/core/model.ts';
import { withModelSuggestions } from '../../src/routing/model-suggestions.ts';
import { nothingSupported } from '../support/nothing-supported.ts';

const today = new Date('2026-11-23');

function model(provider: string, name: string, facts: Partial<ModelFacts> = {}): Model {
  return {
    id: `${provider}/${name}`,
    provider: { id: provider, name: provider, access: 'real' },
    pricing: undefined,
    supported: nothingSupported,
    facts: { provider, name, inputModalities: ['text'], status: 'active', ...facts },
  };
}

const models = [
  model('openai', 'gpt-4', { family: 'gpt', status: 'retired', retired: '2026-10-23' }),
  model('openai', 'gpt-5', { family: 'gpt', status: 'deprecated', retired: '2026-12-11' }),
  model('openai', 'gpt-5.2', { family: 'gpt', released: '2025-12-11' }),
  model('openai', 'gpt-5.4', { family: 'gpt', released: '2026-03-05' }),
  model('openai', 'gpt-6-sol', { family: 'gpt-sol', released: '2026-09-22' }),
  model('openai', 'gpt-6-luna', { family: 'gpt-luna', released: '2026-09-23' }),
  model('openai', 'gpt-6-astra', { family: 'gpt-astra', released: '2026-09-04' }),
  model('openai', 'gpt-5.4-mini', { family: 'gpt-mini', released: '2026-03-17' }),
  model('xai', 'grok-4', { family: 'gpt', released: '2026-11-01' }),
  model('ai21', 'jamba-large', { status: 'retired', retired: '2026-05' }),
];

function target(id: string): Target {
  const [provider = '', name = ''] = id.split('/');
  return { provider, model: name, facts: models.find((one) => one.id === id)?.facts };
}

function told(id: string, message = 'openai responded with HTTP 404: No such model'): string {
  const error = new GatewayError('MODEL_NOT_FOUND', message, { status: 404 });
  return withModelSuggestions(error, target(id), models, today).message;
}

describe('an unknown or retired model', () => {
  it('is reported with its date of retirement and the models in service: its family first, then the newest', () => {
    expect(told('openai/gpt-4')).toBe(
      'openai responded with HTTP 404: No such model. openai retired gpt-4 on 2026-10-23. In service: ' +
        'openai/gpt-5.4, openai/gpt-5.2, openai/gpt-6-luna, openai/gpt-6-sol, openai/gpt-6-astra.',
    );
  });

  it('may have an announced end', () => {
    expect(told('openai/gpt-5')).toContain(
      'openai announced the retirement of gpt-5 for 2026-12-11. In service: openai/gpt-5.4',
    );
  });

  it('may be unknown to the catalogue', () => {
    expect(told('openai/gpt-0', 'Gone.')).toMatch(/^Gone\. In service: openai\/gpt-6-luna, /);
  });

  it('may be the last one of its provider, with an end of which only the month is known', () => {
    expect(told('ai21/jamba-large', 'Gone.')).toBe('Gone. ai21 retired jamba-large in 2026-05.');
  });

  it('keeps the other fields of the error', () => {
    const details = { status: 422, retryable: true, retryAfterMs: 5, isLocal: true, isInferred: true };
    const error = withModelSuggestions(
      new GatewayError('MODEL_NOT_FOUND', 'x', details),
      target('openai/x'),
      models,
      today,
    );
    expect(error).toMatchObject({ code: 'MODEL_NOT_FOUND', ...details });
  });
});

it('does not change other failures', () => {
  const error = new GatewayError('UPSTREAM_REJECTED', 'x');
  expect(withModelSuggestions(error, target('openai/gpt-4'), models, today)).toBe(error);
});
