import { describe, expect, it } from 'vitest';
import { anonymous, type Caller } from '../../src/core/caller.ts';
import { CallFailure } from '../../src/core/gateway.ts';
import { redact } from '../../src/providers/redact.ts';
import { hello, openMemoryGateway, policy, type Reply } from '../support/memory-gateway.ts';

/** A caller's words, repeated in a provider's error, never decide about a key. */

const signal = new AbortController().signal;
const as = (id: string): Caller => ({ ...anonymous, id });

function open(message: string, keys: readonly string[] = ['one'], more: Partial<Reply> = {}) {
  const memory = openMemoryGateway({
    providers: { acme: keys },
    answer: ({ model }) =>
      model === 'faulty' ? { status: 400, body: JSON.stringify({ error: { message } }), ...more } : {},
    parts: { retries: { ...policy.retries, max: 0 } },
  });
  const ask = (model: string, caller = 'a') =>
    memory.gateway.chat({ model: `acme/${model}`, messages: hello }, { caller: as(caller), signal }).then(
      () => 'OK',
      (thrown: unknown) => {
        if (thrown instanceof CallFailure) return thrown.failure.error.code;
        throw thrown;
      },
    );
  return { ...memory, ask };
}

describe('a 400 that quotes the caller', () => {
  it.each([
    "Invalid schema for response_format 'credits': no",
    "Invalid schema for function 'billing': it's wrong",
    'Invalid value: "invalid api key"',
    'Cannot handle your prompt: Your credit balance is too low',
    'Unknown word `you have no credits`',
    "Invalid schema for function 'your account has no credits",
  ])('is a refusal and cools down no key: %s', async (message) => {
    const { ask } = open(message);
    for (const caller of ['a', 'b', 'c']) expect(await ask('faulty', caller)).toBe('UPSTREAM_REJECTED');
    expect(await ask('other', 'd')).toBe('OK');
  });
});

describe('a known sentence without a code', () => {
  const sentence = 'Your credit balance is too low to access the API.';

  it('names the failure, but one caller alone causes no cooldown', async () => {
    const { ask } = open(sentence);
    for (let index = 0; index < 5; index++) expect(await ask('faulty')).toBe('UPSTREAM_BILLING');
    expect(await ask('other', 'b')).toBe('OK');
  });

  it('causes a cooldown when a second caller confirms it', async () => {
    const { ask } = open(sentence);
    await ask('faulty', 'a');
    await ask('faulty', 'b');
    expect(await ask('other', 'c')).not.toBe('OK');
  });

  it('cools down at most half of several keys', async () => {
    const { ask } = open(sentence, ['one', 'two', 'three', 'four']);
    for (let index = 0; index < 40; index++) await ask('faulty', `caller ${index}`);
    expect(await ask('other', 'z')).toBe('OK');
  });
});

it('caps Retry-After at cooldowns.maxMs', async () => {
  const { ask, clock, sent } = open('Slow down', ['one'], { status: 429, headers: { 'retry-after': '999999999' } });
  await ask('faulty');
  clock.pass(policy.cooldowns.maxMs - 1000);
  await ask('faulty');
  expect(sent).toHaveLength(1);
  clock.pass(2000);
  await ask('faulty');
  expect(sent).toHaveLength(2);
});

it('removes keys from an error of any length', () => {
  const text = redact('sk-0123456789abcdef '.repeat(1_000_000));
  expect(text).not.toContain('0123456789');
  expect(text.length).toBeLessThan(400);
});
