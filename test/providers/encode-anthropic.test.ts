import { describe, expect, it } from 'vitest';
import { sealState } from '../../src/core/provider-state.ts';
import { anthropic } from '../../src/providers/anthropic/adapter.ts';
import { request, target } from '../support/requests.ts';

/** Peculiarities of Anthropic, and differences between its models. */

const haiku3 = target('anthropic/claude-3-haiku-20240307');
const haiku45 = target('anthropic/claude-haiku-4-5');
const opus45 = target('anthropic/claude-opus-4-5');
const opus46 = target('anthropic/claude-opus-4-6');
const sonnet5 = target('anthropic/claude-sonnet-5');
const unknown = target('anthropic/claude-tomorrow');

const tools = [{ name: 'get_time', parameters: { type: 'object', properties: {} } }];
const required = { tools, toolChoice: { mode: 'required' } };
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });

function encode(fields: Record<string, unknown>, to = haiku45) {
  const { body, warnings } = anthropic.codecFor(to).encode(request(fields), 'whole');
  return { body, warned: warnings.map(({ option }) => option) };
}

const refused = (option: string) =>
  expect.objectContaining({ code: 'UNSUPPORTED_OPTION', issues: [expect.objectContaining({ path: option })] });

describe('an effort', () => {
  it.each([
    ['a budget before adaptive thinking', opus45, 'xhigh', { type: 'enabled', budget_tokens: 57_600 }, []],
    ['a budget where there are no words', haiku45, 'minimal', { type: 'enabled', budget_tokens: 1280 }, []],
    ['nothing for a model that does not think', haiku3, 'high', undefined, ['reasoningEffort']],
  ])('is %s', (_what, to, reasoningEffort, thinking, warned) => {
    const encoded = encode({ reasoningEffort }, to);
    expect(encoded.body['thinking']).toEqual(thinking);
    expect(encoded.body).not.toHaveProperty('output_config');
    expect(encoded.warned).toEqual(warned);
  });

  it.each([
    ['claude-opus-4-6', 'medium', 'medium', []],
    ['claude-opus-4-6', 'xhigh', 'max', ['reasoningEffort']],
    ['claude-sonnet-5', 'xhigh', 'xhigh', []],
    ['claude-sonnet-5', 'minimal', 'low', ['reasoningEffort']],
    ['claude-tomorrow', 'minimal', 'low', ['reasoningEffort']],
  ])('is a word for %s: %s is %s', (model, reasoningEffort, effort, warned) => {
    const encoded = encode({ reasoningEffort }, target(`anthropic/${model}`));
    expect(encoded.body).toMatchObject({ thinking: { type: 'adaptive' }, output_config: { effort } });
    expect(encoded.warned).toEqual(warned);
  });

  it('of NONE is written only for models that reason by default', () => {
    expect(encode({ reasoningEffort: 'none' }, sonnet5).body).toMatchObject({ thinking: { type: 'disabled' } });
    for (const to of [haiku3, haiku45, opus45]) {
      expect(encode({ reasoningEffort: 'none' }, to).body).not.toHaveProperty('thinking');
    }
  });

  it('is omitted with a forced tool', () => {
    expect(encode({ ...required, reasoningEffort: 'high' })).toMatchObject({ warned: ['reasoningEffort'] });
    expect(encode({ ...required, reasoningEffort: 'high' }).body).not.toHaveProperty('thinking');
    expect(encode(required, sonnet5)).toMatchObject({ body: { thinking: { type: 'disabled' } }, warned: [] });
    expect(encode(required, opus46).body).not.toHaveProperty('thinking');
  });

  it('is omitted where the reasoning before a tool call is missing', () => {
    const calling = { role: 'assistant', toolCalls: [{ id: 't1', name: 'get_time', arguments: '{}' }] };
    const providerState = sealState('anthropic', [{ type: 'thinking', thinking: 'Hm.', signature: 'c2ln' }]);
    const result = { role: 'tool', toolCallId: 't1', content: 'noon' };
    const lost = encode({ reasoningEffort: 'high', messages: [user('Time?'), calling, result] });
    expect(lost.body).not.toHaveProperty('thinking');
    expect(lost.warned).toEqual(['reasoningEffort']);
    const kept = encode({ reasoningEffort: 'high', messages: [user('Time?'), { ...calling, providerState }, result] });
    expect(kept).toMatchObject({ body: { thinking: { type: 'enabled' } }, warned: [] });
  });
});

describe('sampling', () => {
  const both = { temperature: 0.5, topP: 0.5 };

  it('is temperature or topP, both for the oldest models only, and neither for the newest or with thinking', () => {
    expect(encode(both)).toMatchObject({ body: { temperature: 0.5 }, warned: ['topP'] });
    expect(encode({ topP: 0.5 })).toMatchObject({ body: { top_p: 0.5 }, warned: [] });
    expect(encode(both, haiku3)).toMatchObject({ body: { temperature: 0.5, top_p: 0.5 }, warned: [] });
    expect(encode(both, sonnet5).warned).toEqual(['temperature', 'topP']);
    for (const to of [haiku45, unknown]) {
      expect(encode({ ...both, reasoningEffort: 'low' }, to).warned).toEqual(['temperature', 'topP']);
    }
  });

  it('has no stop sequence of white space alone', () => {
    expect(encode({ stop: ['\n', 'END'] })).toMatchObject({ body: { stop_sequences: ['END'] }, warned: ['stop'] });
    expect(encode({ stop: [' '] }).body).not.toHaveProperty('stop_sequences');
  });

  it('sends the user in the metadata', () => {
    expect(encode({ user: 'u-1' })).toMatchObject({ body: { metadata: { user_id: 'u-1' } }, warned: [] });
  });
});

describe('a last assistant message', () => {
  const messages = [user('Hi'), assistant('Once upon ')];

  it('is a prefill, without white space at its end', () => {
    const { body, warned } = encode({ messages });
    expect(body['messages']).toMatchObject([{}, { role: 'assistant', content: [{ type: 'text', text: 'Once upon' }] }]);
    expect(warned).toEqual(['messages']);
  });

  it('excludes thinking', () => {
    expect(encode({ messages: [user('Hi'), assistant('Once')], reasoningEffort: 'low' }).warned).toEqual([
      'reasoningEffort',
    ]);
  });

  it('is refused by models without prefill', () => {
    for (const to of [opus46, sonnet5]) expect(() => encode({ messages }, to)).toThrow(refused('messages'));
  });
});

describe('messages', () => {
  it('have no empty text, and there is at least one', () => {
    const { body } = encode({ messages: [{ role: 'user', parts: [{ text: ' ' }, { text: 'Hi' }] }] });
    expect(body['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }]);
    expect(() => encode({ messages: [user(' ')] })).toThrow(refused('messages'));
  });

  it('of the system are first, with a warning when they were moved', () => {
    const messages = [user('Hi'), { role: 'system', content: 'Be kind.' }];
    const { body, warned } = encode({ systemMessage: 'Be brief.', messages });
    expect(body['system']).toBe('Be brief.\n\nBe kind.');
    expect(warned).toEqual(['messages']);
  });
});

describe('a schema', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } };

  it('moves keywords that the wire refuses into descriptions', () => {
    const { body } = encode({ responseFormat: { jsonSchema: { name: 'n', schema } } });
    const n = { type: 'integer', description: '(minimum: 1)' };
    const sent = { type: 'object', properties: { n }, additionalProperties: false };
    expect(body).toMatchObject({ output_config: { format: { type: 'json_schema', schema: sent } } });
  });

  it('is in the prompt for models before structured output, and their tools are not strict', () => {
    const responseFormat = { jsonSchema: { name: 'n', schema } };
    const strict = [{ name: 'f', parameters: schema, strict: true }];
    const { body, warned } = encode({ responseFormat, tools: strict }, haiku3);
    expect(body['system']).toContain(JSON.stringify(schema));
    expect(body['tools']).toEqual([{ name: 'f', input_schema: schema }]);
    expect(warned.sort()).toEqual(['responseFormat', 'tools']);
  });
});
