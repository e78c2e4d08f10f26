import { describe, expect, it } from 'vitest';
import { openState, sealState } from '../../src/core/provider-state.ts';
import { catalog } from '../../src/providers/catalog.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { answerOf, eventsOf } from '../support/replay.ts';
import { request, target } from '../support/requests.ts';
import { onWire, wireNamed } from '../support/wires.ts';

/** How Responses differs from Chat Completions, and how its three providers differ from each other. */

const sol = target('openai/gpt-5.6-sol');
const tools = [{ name: 'get_time', parameters: { type: 'object', properties: {} } }];
const user = (content: string) => ({ role: 'user', content });
const calling = (fields: object = {}, id = 'c1') => ({
  role: 'assistant',
  toolCalls: [{ id, name: 'get_time', arguments: '{}' }],
  ...fields,
});
const result = (toolCallId = 'c1') => ({ role: 'tool', toolCallId, content: 'noon' });

function codecOf(to: ReturnType<typeof target>) {
  const adapter = builtInProviders.find(({ id }) => id === to.provider);
  if (!adapter) throw new Error(`No provider ${to.provider}`);
  return adapter.codecFor(to);
}

function encode(fields: Record<string, unknown>, to = sol) {
  const { path, body, warnings } = codecOf(to).encode(request(fields), 'whole');
  return { path, body, input: body['input'], warned: warnings.map(({ option }) => option) };
}

const refused = (option: string) =>
  expect.objectContaining({ code: 'UNSUPPORTED_OPTION', issues: [expect.objectContaining({ path: option })] });

function streamOf(...events: object[]): Buffer {
  return Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
}

describe('the wire of a model', () => {
  it('is a fact of the catalogue, and of an unknown name', () => {
    const wireOf = (id: string) => codecOf(target(id)).wire;
    for (const id of ['openai/gpt-5.6', 'openai/o3', 'xai/grok-4.3', 'openai/gpt-7', 'openai/o9-mini', 'xai/grok-9']) {
      expect([id, wireOf(id)]).toEqual([id, 'Responses']);
    }
    for (const id of ['openai/gpt-5.3-codex', 'openai/o3-deep-research', 'openai/gpt-5.2-pro']) {
      expect([id, wireOf(id)]).toEqual([id, 'Responses']);
    }
    for (const id of ['openai/gpt-4o', 'openai/gpt-5-chat-latest', 'openai/ft:gpt-4o:acme', 'xai/grok-2']) {
      expect([id, wireOf(id)]).toEqual([id, 'Chat Completions']);
    }
    expect(wireOf('perplexity/anything')).toBe('Agent API');
  });

  it('is known for every model of a provider with two', () => {
    const choosy = builtInProviders.filter(({ apis }) => apis).map(({ id }) => id);
    expect(choosy).toEqual(['openai', 'xai', 'perplexity']);
    expect(catalog.filter(({ provider, api }) => choosy.includes(provider) === (api === undefined))).toEqual([]);
  });
});

describe('a request to openai', () => {
  it('stores nothing at the provider, and requests what the next turn needs', () => {
    expect(encode({})).toEqual({
      path: '/responses',
      body: {
        model: 'gpt-5.6-sol',
        input: [{ role: 'user', content: 'Hello' }],
        include: ['reasoning.encrypted_content'],
        store: false,
      },
      input: [{ role: 'user', content: 'Hello' }],
      warned: [],
    });
    expect(encode({}, onWire('responses', target('openai/gpt-4.1'))).body).not.toHaveProperty('include');
  });

  it('has tools with any effort', () => {
    const { body, warned } = encode({ tools, reasoningEffort: 'xhigh' });
    expect(body).toMatchObject({ reasoning: { effort: 'xhigh', summary: 'auto' }, tools: [{ name: 'get_time' }] });
    expect(warned).toEqual([]);
    expect(encode({ reasoningEffort: 'none' }).body['reasoning']).toEqual({ effort: 'none' });
    expect(encode({ reasoningEffort: 'auto' }).body).not.toHaveProperty('reasoning');
  });

  it('states for each tool whether it is strict, which is the default here and not on the other wire', () => {
    const strictness = (given?: boolean) => encode({ tools: [{ name: 'a', strict: given }] }).body['tools'];
    expect(strictness()).toMatchObject([{ strict: false }]);
    expect(strictness(true)).toMatchObject([{ strict: true }]);
  });

  it('has instructions first, and later ones in their place', () => {
    const system = { role: 'system', content: 'Now in French.' };
    const { body, input } = encode({ systemMessage: 'Be brief.', messages: [user('Hi'), system, user('Go on')] });
    expect(body['instructions']).toBe('Be brief.');
    expect(input).toEqual([user('Hi'), { role: 'developer', content: 'Now in French.' }, user('Go on')]);
  });

  it('has instructions in the input where JSON mode needs the word', () => {
    const json = { responseFormat: { jsonObject: true } };
    const worded = encode({ ...json, systemMessage: 'Write JSON.' });
    expect(worded.body).not.toHaveProperty('instructions');
    expect(worded).toMatchObject({ input: [{ role: 'developer', content: 'Write JSON.' }, user('Hello')], warned: [] });
    const silent = encode({ ...json, systemMessage: 'Be brief.' });
    expect(silent.input).toMatchObject([{ content: expect.stringMatching(/^Be brief\.\n\n.*JSON/) }, {}]);
    expect(silent.warned).toEqual(['responseFormat']);
    expect(encode({ ...json, systemMessage: 'Be brief.', messages: [user('JSON!')] }).body['instructions']).toBe(
      'Be brief.',
    );
  });

  it('omits options without a field, and refuses those that change the result', () => {
    const sampling = { stop: ['END'], seed: 7, frequencyPenalty: 1, presencePenalty: 1, user: 'u'.repeat(129) };
    expect(encode(sampling).warned.sort()).toEqual(Object.keys(sampling).sort());
    expect(() => encode({ maxTokens: 15 })).toThrow(refused('maxTokens'));
    expect(encode({ maxTokens: 16 }).body).toHaveProperty('max_output_tokens', 16);
    expect(() => encode({ messages: [user('Hi'), calling()], tools })).toThrow(/No tool message answers this call/);
  });

  it('shortens long foreign ids, equally in call and result', () => {
    const id = `toolu_${'x'.repeat(80)}`;
    const { input } = encode({ messages: [user('Hi'), calling({}, id), result(id)], tools });
    const [, call, output] = input as { call_id: string }[];
    expect(call?.call_id).toMatch(/^[a-zA-Z0-9]{11}$/);
    expect(output?.call_id).toBe(call?.call_id);
  });
});

describe('reasoning state', () => {
  const reasoning = { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: 'gAAA' };
  const message = { type: 'message', role: 'assistant', phase: 'commentary', content: [text('Let me look.')] };
  const call = { type: 'function_call', call_id: 'c1', name: 'get_time', arguments: '{}', namespace: 'clock' };
  const output = [
    { ...reasoning, id: 'rs_1', status: 'completed' },
    { ...message, id: 'msg_1' },
    { ...call, id: 'fc_1' },
  ];
  const answer = codecOf(sol).decode({ object: 'response', status: 'completed', output });
  const { providerState } = answer;
  const again = (assistant: object, to = sol) => encode({ messages: [user('Hi'), assistant, result()], tools }, to);
  const spoken = { content: 'Let me look.', providerState };

  function text(said: string) {
    return { type: 'output_text', text: said, annotations: [] };
  }

  it('is sent back unchanged, in its place, without ids', () => {
    expect(again(calling(spoken))).toMatchObject({
      input: [
        user('Hi'),
        reasoning,
        { role: 'assistant', content: 'Let me look.', phase: 'commentary' },
        call,
        { type: 'function_call_output', call_id: 'c1', output: 'noon' },
      ],
      warned: [],
    });
    expect(JSON.stringify(again(calling(spoken)).body)).not.toMatch(/"(id|status)"/);
  });

  it.each([
    ['another model', calling(spoken), target('openai/gpt-5.6-luna')],
    ['another text', calling({ ...spoken, content: 'Let me think.' }), sol],
    [
      'another call',
      {
        ...calling(spoken, 'c2'),
        toolCalls: [
          { id: 'c1', name: 'a', arguments: '{}' },
          { id: 'c2', name: 'b', arguments: '{}' },
        ],
      },
      sol,
    ],
    ['another provider', calling({ content: 'Let me look.', providerState: sealState('anthropic', {}) }), sol],
    ['nobody', calling({ content: 'Let me look.', providerState: 'nonsense' }), sol],
  ])('is left out with a warning where the state is of %s', (_whose, assistant, to) => {
    const results = (assistant.toolCalls ?? []).map(({ id }) => result(id));
    const { input, warned } = encode({ messages: [user('Hi'), assistant, ...results], tools }, to);
    expect(JSON.stringify(input)).not.toContain('gAAA');
    expect(input).toMatchObject([
      user('Hi'),
      { role: 'assistant' },
      ...results.map(() => ({ type: 'function_call' })),
      ...results.map(() => ({})),
    ]);
    expect(warned).toEqual(['messages']);
  });

  it('has only known fields when it comes from outside', () => {
    const items = [
      { ...reasoning, id: 'rs_foreign', status: 'completed', content: [{ text: 'x' }], extra: 1 },
      { type: 'message', length: 12, phase: 'commentary', id: 'msg_foreign', role: 'system' },
      { type: 'function_call', call_id: 'c1', id: 'fc_foreign', file_id: 'file-1' },
    ];
    const forged = sealState('openai', { model: sol.model, items });
    expect(JSON.stringify(again(calling({ ...spoken, providerState: forged })).input)).not.toMatch(
      /foreign|extra|file-1/,
    );
    const reference = sealState('openai', {
      model: sol.model,
      items: [{ type: 'item_reference', id: 'rs_1' }, ...items],
    });
    expect(again(calling({ ...spoken, providerState: reference }))).toMatchObject({ warned: ['messages'] });
  });

  it('is not kept when empty or not decryptable', () => {
    const stateOf = (...some: object[]) =>
      codecOf(sol).decode({ object: 'response', status: 'completed', output: some }).providerState;
    expect(stateOf(reasoning)).toBeUndefined();
    expect(stateOf({ type: 'reasoning', id: 'rs_1', summary: [] }, { ...message, phase: undefined })).toBeUndefined();
    const kept = openState('openai', stateOf(reasoning, message, { ...reasoning, encrypted_content: 'later' }));
    expect(JSON.stringify(kept)).not.toContain('later');
  });
});

describe('a stream', () => {
  const codec = codecOf(sol);
  const created = { type: 'response.created', response: { id: 'r1', model: 'm', created_at: 1, output: [] } };
  const completed = { type: 'response.completed', response: { id: 'r1', status: 'completed', output: [] } };
  const delta = (output_index: number, text: string) => ({
    type: 'response.output_text.delta',
    output_index,
    delta: text,
  });
  const item = (kind: 'added' | 'done', output_index: number, of: object) => ({
    type: `response.output_item.${kind}`,
    output_index,
    item: of,
  });

  it('delivers arguments as they arrive', async () => {
    const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '' };
    const piece = (text: string) => ({ type: 'response.function_call_arguments.delta', output_index: 0, delta: text });
    const bytes = streamOf(
      created,
      item('added', 0, call),
      piece('{"a"'),
      piece(':1}'),
      item('done', 0, { ...call, arguments: '{"a":1}' }),
      completed,
    );
    const cuts = [...bytes.toString().matchAll(/\n\n/g)].map(({ index }) => index + 2);
    const told = await eventsOf(codec, bytes, cuts);
    expect(told.map((event) => (event.type === 'tool_call' ? event.argumentsDelta : event.type))).toEqual([
      'started',
      '{"a"',
      ':1}',
      'finished',
    ]);
  });

  it('identifies items by their index, and ignores unknown ones', async () => {
    const bytes = streamOf(
      created,
      { type: 'response.brand_new', output_index: 0, delta: 'x' },
      { ...delta(1, 'a'), item_id: 'one' },
      { ...delta(1, 'b'), item_id: 'two' },
      item('done', 1, {
        id: 'three',
        type: 'message',
        content: [{ type: 'output_text', text: 'abc' }, { type: 'brand_new' }],
      }),
      item('done', 2, { type: 'mcp_call', call_id: 'c9', name: 'f', arguments: '{}' }),
      completed,
      delta(1, 'after the end'),
    );
    expect(await answerOf(codec, bytes)).toMatchObject({ text: 'abc', toolCalls: [], finishReason: 'stop' });
  });

  it('keeps what it delivered where the final response differs', async () => {
    const done = { type: 'response.output_text.done', output_index: 0, text: 'Goodbye' };
    expect(await answerOf(codec, streamOf(created, delta(0, 'Hel'), done, delta(0, 'lo'), completed))).toMatchObject({
      text: 'Hello',
    });
  });

  it('delivers reasoning once that comes in both forms', async () => {
    const thought = (form: string) => ({ type: `response.reasoning_${form}.delta`, output_index: 0, delta: 'Hm.' });
    const bytes = streamOf(created, thought('summary_text'), thought('text'), delta(1, 'Hi'), completed);
    expect(await answerOf(codec, bytes)).toMatchObject({ reasoning: 'Hm.', text: 'Hi' });
  });

  it.each([
    ['text', [created, delta(0, 'Hi')], ''],
    ['[DONE]', [created, delta(0, 'Hi')], 'data: [DONE]\n\n'],
  ])('that ends after %s is UPSTREAM_TRUNCATED', async (_what, events, more) => {
    const bytes = Buffer.concat([streamOf(...events), Buffer.from(more)]);
    await expect(answerOf(codec, bytes)).rejects.toMatchObject({ code: 'UPSTREAM_TRUNCATED' });
  });

  it('has the usage of a failed answer, as far as it was reported', () => {
    const decoder = codec.decodeStream();
    const response = {
      status: 'failed',
      error: { code: 'server_error', message: 'Oops' },
      usage: { input_tokens: 9, output_tokens: 2 },
    };
    expect(() =>
      decoder.push({ event: undefined, data: JSON.stringify({ type: 'response.failed', response }) }),
    ).toThrow('Oops');
    expect(decoder.usage()).toMatchObject({ inputTokens: 9, outputTokens: 2 });
  });

  it('reports what the provider omitted', async () => {
    const input_transformations = [{ id: 'rs_1', action: 'removed', reason: 'organization_mismatch' }];
    const last = { type: 'response.completed', response: { status: 'completed', input_transformations } };
    expect((await answerOf(codec, streamOf(created, delta(0, 'Hi'), last))).warnings).toEqual([
      { option: 'messages', message: expect.stringContaining('organization_mismatch') },
    ]);
  });

  it('omits a call that was cut before its arguments, unless it was already delivered', async () => {
    const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '' };
    const cut = {
      type: 'response.incomplete',
      response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
    };
    const piece = { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{"a' };
    const untold = streamOf(created, item('added', 0, call), cut);
    const told = streamOf(created, item('added', 0, call), piece, cut);
    expect(await answerOf(codec, untold)).toMatchObject({ toolCalls: [], finishReason: 'length' });
    expect(await answerOf(codec, told)).toMatchObject({ toolCalls: [{ arguments: '{"a' }], finishReason: 'length' });
  });
});

describe('xai', () => {
  it('accepts sampling for reasoning models, and a seed, and no summary', () => {
    const { body, warned } = encode(
      { temperature: 0.7, topP: 0.95, seed: 7, user: 'u-1', stop: ['END'], reasoningEffort: 'minimal' },
      target('xai/grok-4.6'),
    );
    expect(body).toMatchObject({
      temperature: 0.7,
      top_p: 0.95,
      seed: 7,
      user: 'u-1',
      reasoning: { effort: 'low' },
      include: ['reasoning.encrypted_content'],
      store: false,
    });
    expect(body['reasoning']).not.toHaveProperty('summary');
    expect(warned.sort()).toEqual(['reasoningEffort', 'stop']);
    expect(encode({ reasoningEffort: 'low' }, target('xai/grok-build-0.1'))).toMatchObject({
      warned: ['reasoningEffort'],
    });
  });
});

describe('perplexity', () => {
  const { codec } = wireNamed('perplexity-responses');

  it('uses presets, for Sonar with its search, and for the models of others', () => {
    const named = (model: string) => {
      const { body, warned } = encode({}, target(`perplexity/${model}`));
      return {
        ...Object.fromEntries(['model', 'preset', 'tools'].flatMap((key) => (body[key] ? [[key, body[key]]] : []))),
        warned,
      };
    };
    const search = [{ type: 'web_search' }];
    expect(named('low')).toEqual({ preset: 'low', warned: [] });
    expect(named('perplexity/sonar')).toEqual({ model: 'perplexity/sonar', tools: search, warned: [] });
    expect(named('sonar')).toEqual({ model: 'perplexity/sonar', tools: search, warned: [] });
    expect(named('sonar-pro')).toEqual({ preset: 'low', warned: ['model'] });
    expect(named('openai/gpt-6-luna')).toEqual({ model: 'openai/gpt-6-luna', warned: [] });
    expect(named('constructor')).toEqual({ model: 'constructor', warned: [] });
  });

  it('sends no field that its strict parser refuses', () => {
    const image = { url: 'https://example.com/cat.png', detail: 'low' };
    const messages = [{ role: 'user', parts: [{ text: 'JSON?' }, { image }] }, calling(), result(), user('Go on')];
    const { body, warned } = encode(
      {
        systemMessage: 'Be brief.',
        messages,
        tools,
        toolChoice: { tool: 'get_time' },
        responseFormat: { jsonSchema: { name: 'city', schema: { type: 'object' }, strict: true } },
        reasoningEffort: 'high',
        maxTokens: 100,
        temperature: 0.5,
        stop: ['END'],
        seed: 7,
        user: 'u-1',
      },
      target('perplexity/perplexity/sonar'),
    );
    expect(body).toEqual({
      model: 'perplexity/sonar',
      instructions: 'Be brief.',
      input: [
        {
          type: 'message',
          role: 'user',
          content: [
            { type: 'input_text', text: 'JSON?' },
            { type: 'input_image', image_url: image.url },
          ],
        },
        { type: 'function_call', call_id: 'c1', name: 'get_time', arguments: '{}' },
        { type: 'function_call_output', call_id: 'c1', output: 'noon' },
        { type: 'message', role: 'user', content: 'Go on' },
      ],
      max_output_tokens: 100,
      temperature: 0.5,
      reasoning: { effort: 'high' },
      tools: [{ type: 'web_search' }, { type: 'function', ...tools[0], strict: false }],
      tool_choice: { name: 'get_time' },
      response_format: { type: 'json_schema', json_schema: { name: 'city', schema: { type: 'object' }, strict: true } },
      store: false,
    });
    expect(warned.sort()).toEqual(['messages', 'seed', 'stop', 'user']);
  });

  it('refuses tools with the names of its own, and addresses that are too long', () => {
    expect(() => encode({ tools: [{ name: 'fetch_url' }] }, target('perplexity/low'))).toThrow(refused('tools'));
    const url = `https://example.com/${'x'.repeat(2048)}.png`;
    const looking = { messages: [{ role: 'user', parts: [{ image: { url } }] }] };
    expect(() => encode(looking, target('perplexity/low'))).toThrow(refused('messages'));
  });

  it('does not report its own search as a call of the caller', async () => {
    const hidden = {
      type: 'function_call',
      call_id: 'c1',
      name: 'search_web',
      arguments: '{"q":1}',
      status: 'completed',
    };
    const bytes = streamOf(
      { type: 'response.created', response: { id: 'r1', model: 'low' } },
      { type: 'response.output_item.added', output_index: 0, item: hidden },
      { type: 'response.output_item.done', output_index: 0, item: { type: 'search_results', results: [] } },
      { type: 'response.completed', response: { status: 'completed', output: null } },
    );
    const told = await eventsOf(codec, bytes);
    expect(told.map(({ type }) => type)).toEqual(['started', 'finished']);
  });
});

it('a later count of 0 or null does not replace a known one', () => {
  const decoder = codecOf(sol).decodeStream();
  const event = (type: string, response: object) => ({ event: undefined, data: JSON.stringify({ type, response }) });
  const usage = { input_tokens: 5, output_tokens: 3, total_tokens: 8 };
  decoder.push(event('response.created', { id: 'r', status: 'in_progress', usage }));
  const output = [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }];
  const zero = { input_tokens: 0, output_tokens: null, total_tokens: 0 };
  decoder.push(event('response.completed', { id: 'r', status: 'completed', output, usage: zero }));
  expect(decoder.usage()).toMatchObject({ inputTokens: 5, outputTokens: 3, totalTokens: 8 });
});
