import { describe, expect, it } from 'vitest';
import type { Route } from '../../src/core/model.ts';
import { joinUrl } from '../../src/routing/endpoint-url.ts';
import { resolveTargets } from '../../src/routing/targets.ts';
import { request } from '../support/requests.ts';

const directory = {
  providers: new Set(['openai', 'deepinfra']),
  routes: new Map<string, Route>(),
  random: () => 0,
  facts: () => undefined,
  toModelId: (name: string) => name,
  providersOf: (model: string) => (model === 'gpt-4o' ? ['openai'] : []),
};
const named = (fields: object) =>
  resolveTargets(request({ ...fields }), directory).map(({ provider, model }) => [provider, model]);

describe('targets', () => {
  it.each([
    [{ model: 'openai/gpt-4o' }, [['openai', 'gpt-4o']]],
    [{ model: 'gpt-4o', provider: 'openai' }, [['openai', 'gpt-4o']]],
    [{ model: 'deepinfra/meta-llama/Llama-3' }, [['deepinfra', 'meta-llama/Llama-3']]],
    [{ model: 'openai/gpt-oss', provider: 'deepinfra' }, [['deepinfra', 'openai/gpt-oss']]],
    [
      { model: 'openai/a', fallbacks: ['deepinfra/b', 'openai/c'] },
      [
        ['openai', 'a'],
        ['deepinfra', 'b'],
        ['openai', 'c'],
      ],
    ],
  ])('of %o are %o', (fields, targets) => {
    expect(named(fields)).toEqual(targets);
  });

  it.each([
    ['gpt-4o', 'openai/gpt-4o'],
    ['/x', 'openai/gpt-4o'],
    ['openai/', 'openai/gpt-4o'],
  ])('of "%s" are none, with a hint at "%s"', (model, hint) => {
    expect(() => named({ model })).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringContaining(`"${hint}"`) }),
    );
  });
});

describe('the URL of a call', () => {
  it.each([
    ['https://api.openai.com/v1', '/chat/completions', 'https://api.openai.com/v1/chat/completions'],
    ['https://api.openai.com/v1/', '/chat/completions', 'https://api.openai.com/v1/chat/completions'],
    ['https://api.anthropic.com', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
    ['https://api.anthropic.com/v1', '/v1/messages', 'https://api.anthropic.com/v1/messages'],
    ['https://proxy.example/a/v1', '/v1/messages', 'https://proxy.example/a/v1/messages'],
    [
      'https://g.example/v1beta',
      '/models/x:streamGenerateContent?alt=sse',
      'https://g.example/v1beta/models/x:streamGenerateContent?alt=sse',
    ],
    [
      'https://h.example/openai?api-version=1',
      '/chat/completions',
      'https://h.example/openai/chat/completions?api-version=1',
    ],
  ])('%s and %s make %s', (base, path, url) => {
    expect(joinUrl(new URL(base), path).href).toBe(url);
  });
});
