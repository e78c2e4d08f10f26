import { expect, it } from 'vitest';
import { catalog } from '../../src/providers/catalog.ts';
import { openGateway, quickSandbox } from '../support/gateway.ts';
import { chat, streamed } from '../support/graphql-client.ts';

const seeds = catalog.filter(({ seed }) => seed).map(({ provider, name }) => `${provider}/${name}`);

it('every one of the 103 promised models answers in the sandbox, whole and streamed, retired ones too', async () => {
  await using gateway = await openGateway({ yaml: quickSandbox.replace('{ ', '{ refuseRetired: false, ') });
  expect(seeds).toHaveLength(103);
  for (const model of seeds) {
    const input = { model, messages: [{ role: 'USER', content: 'Hello' }] };
    const whole = await chat(gateway.url, input);
    expect(whole, model).toMatchObject({ __typename: 'Completion', isSandbox: true, finishReason: 'STOP' });
    const events = await streamed(gateway.url, input);
    expect(events.at(-1), model).toMatchObject({ __typename: 'CompletionFinished', finishReason: 'STOP' });
    const deltas = events.filter(({ __typename }) => __typename === 'ContentDelta');
    expect(deltas.map(({ text }) => text).join(''), model).toBe(whole['text']);
    for (const ending of [whole, events.at(-1)]) {
      expect(ending?.['usage'], model).toMatchObject({
        inputTokens: expect.any(Number),
        outputTokens: expect.any(Number),
      });
    }
  }
});
