import { describe, expect, it } from 'vitest';
import type { Target } from '../../src/core/model.ts';
import { sealState } from '../../src/core/provider-state.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { request, target } from '../support/requests.ts';
import { onWire } from '../support/wires.ts';

/** How providers of the OpenAI family differ from OpenAI on Chat Completions, and how their models differ from each other. */

const tools = [{ name: 'get_time', parameters: { type: 'object', properties: {} } }];
const required = { tools, toolChoice: { mode: 'required' } };
const sampling = { temperature: 0.5, topP: 0.5, frequencyPenalty: 0.5, presencePenalty: 0.5, stop: ['END'] };
const user = (content: string) => ({ role: 'user', content });
const calling = (fields: object = {}) => ({
  role: 'assistant',
  toolCalls: [{ id: 'c1', name: 'get_time', arguments: '{}' }],
  ...fields,
});
const result = { role: 'tool', toolCallId: 'c1', content: 'noon' };

function encode(id: string | Target, fields: Record<string, unknown>) {
  const to = onWire('chat-completions', typeof id === 'string' ? target(id) : id);
  const adapter = builtInProviders.find((provider) => provider.id === to.provider);
  if (!adapter) throw new Error(`No provider ${to.provider}`);
  const { body, warnings } = adapter.codecFor(to).encode(request(fields), 'whole');
  return { body, messages: body['messages'], warned: warnings.map(({ option }) => option) };
}

const refused = (option: string) =>
  expect.objectContaining({ code: 'UNSUPPORTED_OPTION', issues: [expect.objectContaining({ path: option })] });

describe('openai', () => {
  it('has instructions to reasoning models as developer, without sampling options', () => {
    const { body, messages, warned } = encode('openai/o3', { systemMessage: 'Be brief.', maxTokens: 9, ...sampling });
    expect(messages).toEqual([{ role: 'developer', content: 'Be brief.' }, user('Hello')]);
    expect(Object.keys(body)).toEqual(['model', 'messages', 'max_completion_tokens']);
    expect(warned.sort()).toEqual(Object.keys(sampling).sort());
  });

  it('has temperature and topP for GPT-5.1 without reasoning, and for no other', () => {
    const { body, warned } = encode('openai/gpt-5.1', { ...sampling, reasoningEffort: 'none' });
    expect(body).toMatchObject({ temperature: 0.5, top_p: 0.5, reasoning_effort: 'none' });
    expect(warned.sort()).toEqual(['frequencyPenalty', 'presencePenalty', 'stop']);
  });

  it('has all options for an unknown model, except for a search model', () => {
    expect(encode('openai/gpt-99', { ...sampling, reasoningEffort: 'minimal' }).warned).toEqual([]);
    expect(encode('openai/gpt-4o-search-preview', sampling).warned.sort()).toEqual(Object.keys(sampling).sort());
  });

  it('turns the reasoning of GPT-5.6 off while tools are offered, with a warning', () => {
    for (const reasoningEffort of [undefined, 'auto', 'high']) {
      const { body, warned } = encode('openai/gpt-5.6', { tools, reasoningEffort });
      expect(body['reasoning_effort']).toBe('none');
      expect(warned).toEqual(['reasoningEffort']);
    }
    expect(encode('openai/gpt-5.6', { tools, reasoningEffort: 'none' }).warned).toEqual([]);
    expect(encode('openai/gpt-5.6', {}).body).not.toHaveProperty('reasoning_effort');
  });

  it.each([
    ['gpt-5', 'xhigh', 'high'],
    ['gpt-5.1', 'minimal', 'low'],
    ['gpt-6-sol', 'xhigh', 'xhigh'],
  ])('gives %s the effort that is nearest to %s', (model, reasoningEffort, word) => {
    expect(encode(`openai/${model}`, { reasoningEffort })).toMatchObject({
      body: { reasoning_effort: word },
      warned: word === reasoningEffort ? [] : ['reasoningEffort'],
    });
  });

  it('refuses to turn off reasoning that is always on', () => {
    expect(() => encode('openai/gpt-5', { reasoningEffort: 'none' })).toThrow(refused('reasoningEffort'));
  });

  it('adds a sentence to the first system message where JSON mode needs the word', () => {
    const { messages, warned } = encode('openai/gpt-4o', {
      systemMessage: 'Be brief.',
      responseFormat: { jsonObject: true },
    });
    expect(messages).toEqual([
      { role: 'system', content: expect.stringMatching(/^Be brief\.\n\n.*JSON/) },
      user('Hello'),
    ]);
    expect(warned).toEqual(['responseFormat']);
  });
});

describe('deepseek', () => {
  const flash = 'deepseek/deepseek-v4-flash';

  it.each([
    ['none', { thinking: { type: 'disabled' } }, []],
    ['high', { thinking: { type: 'enabled' }, reasoning_effort: 'high' }, []],
    ['medium', { thinking: { type: 'enabled' }, reasoning_effort: 'high' }, ['reasoningEffort']],
    ['xhigh', { thinking: { type: 'enabled' }, reasoning_effort: 'max' }, ['reasoningEffort']],
  ])('switches thinking, and rounds the effort %s as it does itself', (reasoningEffort, fields, warned) => {
    const encoded = encode(flash, { reasoningEffort });
    expect(encoded.body).toMatchObject(fields);
    expect(encoded.warned).toEqual(warned);
  });

  it('omits sampling options while it reasons, except stop', () => {
    expect(encode(flash, sampling)).toMatchObject({
      body: { stop: ['END'] },
      warned: ['temperature', 'topP', 'frequencyPenalty', 'presencePenalty'],
    });
    expect(encode(flash, { ...sampling, reasoningEffort: 'none' })).toMatchObject({
      body: { temperature: 0.5, top_p: 0.5, frequency_penalty: 0.5, presence_penalty: 0.5 },
      warned: [],
    });
    expect(encode('deepseek/deepseek-chat', sampling).warned).toEqual([]);
  });

  it.each([undefined, 'high'])('does not reason with a forced tool and the effort %s', (reasoningEffort) => {
    const { body, warned } = encode(flash, { ...required, reasoningEffort, temperature: 0.5 });
    expect(body).toMatchObject({ thinking: { type: 'disabled' }, tool_choice: 'required', temperature: 0.5 });
    expect(body).not.toHaveProperty('reasoning_effort');
    expect(warned).toEqual(['reasoningEffort']);
  });

  it('refuses a forced tool for a model that always reasons', () => {
    expect(() => encode('deepseek/deepseek-reasoner', required)).toThrow(refused('toolChoice'));
    expect(encode('deepseek/deepseek-chat', required).body).not.toHaveProperty('thinking');
  });

  it('has its reasoning sent back with the results, where it is known', () => {
    const providerState = sealState('deepseek', { reasoning: 'The clock, then.' });
    const messages = [user('Time?'), calling({ providerState }), result];
    const encoded = encode(flash, { tools, messages });
    expect(encoded.messages).toMatchObject([{}, { reasoning_content: 'The clock, then.' }, {}]);
    expect(encoded).toMatchObject({ warned: [] });
    expect(encoded.body).not.toHaveProperty('thinking');
    const [, old] = encode('deepseek/deepseek-reasoner', { tools, messages }).messages as object[];
    expect(old).not.toHaveProperty('reasoning_content');
  });

  it.each([
    ['is missing', undefined],
    ['is of another provider', sealState('anthropic', { reasoning: 'Hm.' })],
    ['is no text', sealState('deepseek', { reasoning: { a: 1 } })],
  ])('goes on without thinking where that reasoning %s', (_why, providerState) => {
    const { body, messages, warned } = encode(flash, { messages: [user('Time?'), calling({ providerState }), result] });
    expect(body).toMatchObject({ thinking: { type: 'disabled' } });
    expect(JSON.stringify(messages)).not.toContain('reasoning_content');
    expect(warned).toEqual(['reasoningEffort']);
  });
});

describe('xai', () => {
  it('omits penalties and stop for reasoning models, known or new', () => {
    const warned = ['frequencyPenalty', 'presencePenalty', 'stop'];
    expect(encode('xai/grok-4.6', sampling).warned).toEqual(warned);
    expect(encode('xai/grok-9', sampling).warned).toEqual(warned);
    expect(encode('xai/grok-4.20-non-reasoning', sampling).warned).toEqual([]);
  });

  it('has no strict tools, no null content, and no images but JPEG and PNG', () => {
    const { body, warned } = encode('xai/grok-4.6', {
      tools: [{ ...tools[0], strict: true }],
      messages: [user('Time?'), calling(), result],
    });
    expect(JSON.stringify(body)).not.toMatch(/strict|null/);
    expect(warned).toEqual(['tools']);
    const image = { url: 'data:image/gif;base64,AAAA' };
    expect(() => encode('xai/grok-4.6', { messages: [{ role: 'user', parts: [{ image }] }] })).toThrow(
      refused('messages'),
    );
  });

  it('sends no effort to a model without that option', () => {
    const low = encode('xai/grok-4.20-reasoning', { reasoningEffort: 'low' });
    expect(low.body).not.toHaveProperty('reasoning_effort');
    expect(low.warned).toEqual(['reasoningEffort']);
    expect(() => encode('xai/grok-4.20-reasoning', { reasoningEffort: 'none' })).toThrow(refused('reasoningEffort'));
    expect(encode('xai/grok-3-mini', { reasoningEffort: 'xhigh' }).body).toMatchObject({ reasoning_effort: 'high' });
    // Unknown to the catalogue: most such models refuse any effort.
    expect(encode('xai/grok-9', { reasoningEffort: 'high' })).toMatchObject({ warned: ['reasoningEffort'] });
    expect(encode('xai/grok-9', {}).body).not.toHaveProperty('reasoning_effort');
  });
});

describe('qwen', () => {
  it('reasons with a budget, by effort since 3.8, or not at all', () => {
    const fields = (id: string, reasoningEffort: string) => encode(`qwen/${id}`, { reasoningEffort }).body;
    expect(fields('qwen-plus', 'low')).toMatchObject({ enable_thinking: true, thinking_budget: 3277 });
    expect(fields('qwen3.8-max', 'low')).toMatchObject({ enable_thinking: true, reasoning_effort: 'low' });
    expect(fields('qwen3.8-max', 'none')).toMatchObject({ enable_thinking: false });
    expect(fields('qwen-max', 'none')).not.toHaveProperty('enable_thinking');
  });

  it.each([
    ['a forced tool', required],
    ['JSON mode', { responseFormat: { jsonObject: true }, messages: [user('Write JSON')] }],
  ])('does not reason together with %s', (_what, fields) => {
    const asked = encode('qwen/qwen-plus', { ...fields, reasoningEffort: 'high' });
    expect(asked).toMatchObject({ body: { enable_thinking: false }, warned: ['reasoningEffort'] });
    expect(encode('qwen/qwen-plus', fields)).toMatchObject({ body: { enable_thinking: false }, warned: [] });
  });
});

describe('ai21', () => {
  it('is limited to 4096 output tokens', () => {
    expect(encode('ai21/jamba-large', { maxTokens: 4096 }).body).toMatchObject({ max_tokens: 4096 });
    expect(() => encode('ai21/jamba-large', { maxTokens: 4097 })).toThrow(refused('maxTokens'));
  });

  it('has no field for a tool choice, so AUTO is omitted and others are refused', () => {
    expect(encode('ai21/jamba-large', { tools, toolChoice: { mode: 'auto' } }).body).not.toHaveProperty('tool_choice');
    expect(() => encode('ai21/jamba-large', required)).toThrow(refused('toolChoice'));
  });
});

describe('perplexity', () => {
  it('alternates user and assistant, and describes tools in words', () => {
    const messages = [
      user('Hi'),
      user('Time?'),
      calling({ content: 'Wait.' }),
      result,
      { role: 'system', content: 'Be brief.' },
      user('So?'),
    ];
    const encoded = encode('perplexity/sonar', { messages });
    expect(encoded.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      user('Hi\n\nTime?'),
      { role: 'assistant', content: 'Wait.\n\nI call get_time with {}.' },
      user('Result of get_time:\nnoon\n\nSo?'),
    ]);
    expect(encoded.warned).toEqual(['messages', 'messages']);
  });

  it.each([
    ['begins', [{ role: 'assistant', content: 'Hello.' }, user('Hi')]],
    ['ends', [user('Hi'), { role: 'assistant', content: 'Hello.' }]],
  ])('refuses a conversation that %s with an assistant', (_how, messages) => {
    expect(() => encode('perplexity/sonar', { messages })).toThrow(refused('messages'));
  });

  it('gets one penalty, and none that it refuses', () => {
    const penalties = (frequencyPenalty: number, presencePenalty: number) =>
      encode('perplexity/sonar', { frequencyPenalty, presencePenalty });
    expect(penalties(1, 1)).toMatchObject({ body: { presence_penalty: 1 }, warned: ['frequencyPenalty'] });
    expect(penalties(1, 0)).toMatchObject({ body: { frequency_penalty: 1 }, warned: [] });
    expect(penalties(0, 1)).toMatchObject({ body: { presence_penalty: 1 }, warned: ['frequencyPenalty'] });
    expect(encode('perplexity/sonar', { temperature: 2 }).warned).toEqual(['temperature']);
  });
});

describe('deepinfra', () => {
  it('passes an effort to any model, and has no forced tools', () => {
    expect(encode('deepinfra/deepseek-ai/DeepSeek-V3.1', { reasoningEffort: 'low' })).toMatchObject({
      body: { reasoning_effort: 'low' },
      warned: [],
    });
    expect(() => encode('deepinfra/zai-org/GLM-4.6', required)).toThrow(refused('toolChoice'));
  });
});

describe('all providers of the family', () => {
  it('omit an empty assistant message, and an empty list', () => {
    const silent = { role: 'assistant', providerState: 'of-another-provider' };
    const { body, messages } = encode('openai/gpt-4o', {
      messages: [user('Hi'), silent, user('Hello?')],
      stop: [],
      tools: [],
    });
    expect(messages).toEqual([user('Hi'), user('Hello?')]);
    expect(Object.keys(body)).toEqual(['model', 'messages']);
  });
});

describe('a strict schema for OpenAI', () => {
  const inner = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false };
  const nested = (child: object) => ({ ...inner, properties: { a: child } });

  it.each([
    ['additionalProperties', { ...inner, additionalProperties: undefined }, /additionalProperties.*its root/],
    ['required', { ...inner, required: [] }, /required.*its root/],
    ['allOf', nested({ allOf: [inner] }), /"allOf" at \/properties\/a/],
    ['a nested object', nested({ anyOf: [{ ...inner, required: [] }] }), /required.*\/properties\/a\/anyOf\/0/],
  ])('is refused by name: %s', (_what, schema, message) => {
    for (const model of ['openai/gpt-4o', 'openai/gpt-5.2']) {
      const strict = [{ name: 'f', strict: true, parameters: schema }];
      const format = { jsonSchema: { name: 'f', strict: true, schema } };
      const adapter = builtInProviders.find(({ id }) => id === 'openai');
      const codec = adapter?.codecFor(target(model));
      expect(() => codec?.encode(request({ tools: strict }), 'whole')).toThrow(message);
      expect(() => codec?.encode(request({ responseFormat: format }), 'whole')).toThrow(message);
      expect(codec?.encode(request({ tools: [{ name: 'f', parameters: schema }] }), 'whole').warnings).toEqual([]);
    }
  });

  it('is sent where it is within the subset', () => {
    const { body } = encode('openai/gpt-4o', { tools: [{ name: 'f', strict: true, parameters: nested(inner) }] });
    expect(JSON.stringify(body)).toContain('"strict":true');
  });
});
