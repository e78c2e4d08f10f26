import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNameResolver } from '../../src/routing/model-names.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox } from '../support/gateway.ts';

const known = new Map([
  ['gpt-x', ['openai']],
  ['shared', ['openai', 'deepinfra']],
]);
const providersOf = (model: string) => known.get(model) ?? [];

describe('a name of a model', () => {
  const resolve = createNameResolver(
    {
      aliases: {
        'gpt-4o': 'openai/gpt-4o',
        'claude-*': 'anthropic/*',
        'claude-old-*': 'anthropic/claude-x',
        fast: 'route/fast',
      },
      bareNames: true,
    },
    providersOf,
  );

  it.each([
    ['gpt-4o', 'openai/gpt-4o'],
    ['claude-sonnet', 'anthropic/claude-sonnet'],
    ['claude-old-2', 'anthropic/claude-x'],
    ['fast', 'route/fast'],
    ['gpt-x', 'openai/gpt-x'],
    ['shared', 'shared'],
    ['unknown', 'unknown'],
    ['openai/gpt-x', 'openai/gpt-x'],
    ['constructor', 'constructor'],
  ])('%s stands for %s', (name, id) => {
    expect(resolve(name)).toBe(id);
  });

  it('is itself where nothing is configured', () => {
    const plain = createNameResolver({ aliases: {}, bareNames: false }, providersOf);
    fc.assert(fc.property(fc.string(), (name) => plain(name) === name));
  });
});

describe('models of parley.yaml', () => {
  const ask = async (url: string, model: string, fallbacks?: string[], key = 'any') => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model, fallbacks, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    return { status: response.status, provider: response.headers.get('x-parley-provider') };
  };

  it('aliases and bare names reach their models', async () => {
    const yaml = `${quickSandbox}models: { aliases: { my-model: mistral/mistral-small-latest, "claude-*": "anthropic/*" }, bareNames: true }\n`;
    await using gateway = await openGateway({ yaml });
    expect(await ask(gateway.url, 'my-model')).toEqual({ status: 200, provider: 'mistral' });
    expect(await ask(gateway.url, 'claude-sonnet-4-5')).toEqual({ status: 200, provider: 'anthropic' });
    expect(await ask(gateway.url, 'gpt-4o-mini', ['my-model'])).toEqual({ status: 200, provider: 'openai' });
  });

  it('are what callers may use: the models that they stand for', async () => {
    const web = callerKey('web', 'models: [mistral/*]');
    const names = 'models: { aliases: { mine: mistral/mistral-small-latest, other: openai/gpt-4o }, bareNames: true }';
    await using gateway = await openGateway({ yaml: `${quickSandbox}${callersYaml(web)}${names}\n` });
    const status = async (model: string, fallbacks?: string[]) =>
      (await ask(gateway.url, model, fallbacks, web.key)).status;
    expect(await status('mine')).toBe(200);
    expect(await status('mistral-medium-latest')).toBe(200);
    expect(await status('other')).toBe(403);
    expect(await status('mine', ['other'])).toBe(403);
  });

  it('are off by default', async () => {
    await using gateway = await openGateway({ yaml: quickSandbox });
    expect(await ask(gateway.url, 'gpt-4o-mini')).toMatchObject({ status: 400 });
  });

  it.each([
    ['{ aliases: { a: nobody/x } }', /unknown provider "nobody"/],
    ['{ aliases: { a: route/none } }', /no route "none"/],
    ['{ aliases: { a: "openai/*" } }', /only a name with "\*"/],
    ['{ aliases: { a: plain } }', /provider\/model/],
  ])('%s is refused at the start', async (models, message) => {
    await expect(openGateway({ yaml: `${quickSandbox}models: ${models}\n` })).rejects.toThrow(message);
  });
});
