import { describe, expect, it } from 'vitest';
import { catalog } from '../../src/providers/catalog.ts';
import { openGateway, quickSandbox } from '../support/gateway.ts';
import { chat, streamed } from '../support/graphql-client.ts';

/** A mistake in a request shows up in the sandbox, as with the real provider. */

const hello = [{ role: 'USER', content: 'Hello' }];
const providers = [...new Set(catalog.map(({ provider }) => provider))];

/** A model of the provider in service, whose output is limited. */
function current(provider: string) {
  const found = catalog.find(
    (model) => model.provider === provider && model.status === 'active' && model.maxOutputTokens && !model.retired,
  );
  return found && { id: `${provider}/${found.name}`, maxOutputTokens: found.maxOutputTokens ?? 0 };
}

describe('the sandbox', () => {
  it.each(providers)('refuses an unknown model of %s, and suggests others', async (provider) => {
    await using gateway = await openGateway({ yaml: quickSandbox });
    const input = { model: `${provider}/no-such-model-9`, messages: hello };
    const whole = await chat(gateway.url, input);
    expect(whole).toMatchObject({ __typename: 'ChatFailure', code: 'MODEL_NOT_FOUND' });
    // AI21 has no model that its lists call active.
    if (provider !== 'ai21') expect(whole['message']).toMatch(new RegExp(`In service: ${provider}/`));
    const [event] = await streamed(gateway.url, input);
    expect(event).toMatchObject({ __typename: 'CompletionFailed', code: 'MODEL_NOT_FOUND' });
  });

  it.each(providers.filter(current))('refuses more output than a model of %s can write', async (provider) => {
    await using gateway = await openGateway({ yaml: quickSandbox });
    const { id = '', maxOutputTokens = 0 } = current(provider) ?? {};
    const input = (maxTokens: number) => ({ model: id, messages: hello, maxTokens });
    expect(await chat(gateway.url, input(maxOutputTokens + 1)), id).toMatchObject({ __typename: 'ChatFailure' });
    expect(await chat(gateway.url, input(100)), id).toMatchObject({ __typename: 'Completion' });
  });

  it('refuses retired models with the date, unless refuseRetired is false', async () => {
    const [retired] = catalog.filter(({ status }) => status === 'retired');
    const input = { model: `${retired?.provider}/${retired?.name}`, messages: hello };
    await using gateway = await openGateway({ yaml: quickSandbox });
    const refused = await chat(gateway.url, input);
    expect(refused).toMatchObject({ code: 'MODEL_NOT_FOUND' });
    expect(refused['message']).toContain(`retired ${retired?.name}`);
    await using lenient = await openGateway({ yaml: quickSandbox.replace('{ ', '{ refuseRetired: false, ') });
    expect(await chat(lenient.url, input)).toMatchObject({ __typename: 'Completion' });
  });

  it('answers every model in service', async () => {
    await using gateway = await openGateway({ yaml: quickSandbox });
    for (const { provider, name } of catalog.filter(({ status }) => status !== 'retired')) {
      const model = `${provider}/${name}`;
      expect(await chat(gateway.url, { model, messages: hello }), model).toMatchObject({ __typename: 'Completion' });
    }
  });
});
