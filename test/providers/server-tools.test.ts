import { describe, expect, it } from 'vitest';
import { answerOf, eventsOf } from '../support/replay.ts';
import { request } from '../support/requests.ts';
import { wireNamed } from '../support/wires.ts';

/** Tools that providers run: how they are asked for, and what of them is in answers. */

const encode = (wire: string, ...serverTools: object[]) =>
  wireNamed(wire).codec.encode(request({ serverTools }), 'whole');
const near = { userLocation: { city: 'Lyon', country: 'FR' } };
const limited = { webSearch: { maxUses: 2, allowedDomains: ['a.example'], ...near } };
const blocked = { webSearch: { blockedDomains: ['b.example'] } };

describe('a request', () => {
  it.each([
    [
      'openai-responses',
      limited,
      {
        tools: [
          {
            type: 'web_search',
            filters: { allowed_domains: ['a.example'] },
            user_location: { type: 'approximate', city: 'Lyon', country: 'FR' },
          },
        ],
        max_tool_calls: 2,
      },
    ],
    ['openai-responses', { codeExecution: {} }, { tools: [{ type: 'code_interpreter', container: { type: 'auto' } }] }],
    ['xai-responses', blocked, { tools: [{ type: 'web_search', filters: { excluded_domains: ['b.example'] } }] }],
    [
      'anthropic',
      limited,
      {
        tools: [
          {
            type: 'web_search_20250305',
            name: 'web_search',
            max_uses: 2,
            allowed_domains: ['a.example'],
            user_location: { type: 'approximate', city: 'Lyon', country: 'FR' },
          },
        ],
      },
    ],
    [
      'anthropic',
      { urlContext: { maxUses: 3 } },
      { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch', max_uses: 3 }] },
    ],
    [
      'anthropic',
      { codeExecution: { enabled: true } },
      { tools: [{ type: 'code_execution_20250825', name: 'code_execution' }] },
    ],
    ['google', { webSearch: {} }, { tools: [{ googleSearch: {} }] }],
    ['google', { urlContext: {} }, { tools: [{ urlContext: {} }] }],
    ['mistral', { webSearch: {} }, { tools: [{ type: 'web_search' }] }],
    [
      'perplexity-responses',
      blocked,
      { tools: [{ type: 'web_search', filters: { search_domain_filter: ['-b.example'] } }] },
    ],
    ['perplexity', blocked, { search_domain_filter: ['-b.example'] }],
    [
      'qwen',
      { webSearch: { allowedDomains: ['a.example'] } },
      { enable_search: true, search_options: { assigned_site_list: ['a.example'] } },
    ],
  ])('of %s has the tool in its own form: %j', (wire, tool, expected) => {
    expect(encode(wire, tool)).toMatchObject({ body: expected, warnings: [] });
  });

  it.each([
    ['cohere', { webSearch: {} }, 'does not run webSearch'],
    ['deepseek', { webSearch: {} }, 'does not run webSearch'],
    ['openai-responses', { urlContext: {} }, 'does not run urlContext'],
    ['mistral', blocked, 'has no blockedDomains for webSearch'],
    ['google', { webSearch: { allowedDomains: ['a.example'] } }, 'has no allowedDomains for webSearch'],
  ])('of %s that it cannot do is refused: %j', (wire, tool, why) => {
    expect(() => encode(wire, tool)).toThrow(why);
  });

  it('loses a limit of uses with a warning', () => {
    expect(encode('mistral', { webSearch: { maxUses: 3 } }).warnings).toMatchObject([
      { option: 'serverTools', message: expect.stringContaining('maxUses') },
    ]);
  });

  it('takes the API that has the tool', () => {
    const { adapter } = wireNamed('openai');
    const target = {
      provider: 'openai',
      model: 'gpt-4o',
      facts: { provider: 'openai', name: 'gpt-4o', status: 'active', api: 'chat-completions' },
    } as const;
    expect(adapter.codecFor(target).wire).toBe('Chat Completions');
    expect(adapter.codecFor(target, request({ serverTools: [{ webSearch: {} }] })).wire).toBe('Responses');
    const search = { ...target, model: 'gpt-4o-search-preview' };
    const wanted = request({ serverTools: [{ webSearch: near }] });
    expect(adapter.codecFor(search, wanted).encode(wanted, 'whole').body['web_search_options']).toEqual({
      user_location: { type: 'approximate', approximate: { city: 'Lyon', country: 'FR' } },
    });
  });

  it('with a tool that is switched off is one without it', () => {
    expect(encode('cohere', { codeExecution: { enabled: false } }).body).not.toHaveProperty('tools');
  });

  it('stands beside functions', () => {
    const tools = [{ name: 'f' }];
    const { body } = wireNamed('anthropic').codec.encode(request({ tools, serverTools: [{ webSearch: {} }] }), 'whole');
    expect((body['tools'] as object[]).length).toBe(2);
    const older = wireNamed('google').codecOf('gemini-2.5-flash');
    expect(() => older.encode(request({ tools, serverTools: [{ webSearch: {} }] }), 'whole')).toThrow('beside "tools"');
  });
});

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const told = async (wire: string, text: string) => {
  const { codec } = wireNamed(wire);
  const events = (await eventsOf(codec, Buffer.from(text))).filter(({ type }) => type === 'server_tool');
  return { events, answer: await answerOf(codec, Buffer.from(text)) };
};

describe('an answer', () => {
  const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} };
  const result = {
    type: 'web_search_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: [{ type: 'web_search_result', url: 'https://a.example', title: 'A', encrypted_content: 'x' }],
  };
  const citation = {
    type: 'web_search_result_location',
    url: 'https://a.example',
    title: 'A',
    cited_text: 'It rains.',
    encrypted_index: 'x',
  };

  it('of Anthropic tells of its searches, their places and their number', async () => {
    const usage = {
      input_tokens: 5,
      output_tokens: 9,
      server_tool_use: { web_search_requests: 1, web_fetch_requests: 0 },
    };
    const { events, answer } = await told(
      'anthropic',
      [
        { type: 'message_start', message: { id: 'm1', model: 'claude', usage: { input_tokens: 5, output_tokens: 0 } } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'I look. ' } },
        { type: 'content_block_stop', index: 0 },
        { type: 'content_block_start', index: 1, content_block: search },
        { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{"query":"rain' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: ' today"}' } },
        { type: 'content_block_stop', index: 1 },
        { type: 'content_block_start', index: 2, content_block: result },
        { type: 'content_block_stop', index: 2 },
        { type: 'content_block_start', index: 3, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 3, delta: { type: 'citations_delta', citation } },
        { type: 'content_block_delta', index: 3, delta: { type: 'text_delta', text: 'It rains.' } },
        { type: 'content_block_stop', index: 3 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
        { type: 'message_stop' },
      ]
        .map(event)
        .join(''),
    );
    expect(events).toEqual([
      { type: 'server_tool', id: 'srvtoolu_1', name: 'web_search', status: 'running', input: 'rain today' },
      { type: 'server_tool', id: 'srvtoolu_1', name: 'web_search', status: 'done', input: undefined },
    ]);
    expect(answer).toMatchObject({
      text: 'I look. It rains.',
      citations: [{ url: 'https://a.example', text: 'It rains.', places: [{ start: 8, end: 17 }] }],
      usage: { serverToolCalls: { web_search: 1 } },
    });
    const whole = {
      type: 'message',
      id: 'm1',
      model: 'claude',
      stop_reason: 'end_turn',
      usage,
      content: [
        { type: 'text', text: 'I look. ' },
        { ...search, input: { query: 'rain today' } },
        result,
        { type: 'text', text: 'It rains.', citations: [citation] },
      ],
    };
    expect(wireNamed('anthropic').codec.decode(whole)).toEqual(answer);
  });

  it('of OpenAI tells of its searches and their places', async () => {
    const annotation = { type: 'url_citation', url: 'https://a.example', title: 'A', start_index: 0, end_index: 9 };
    const call = {
      type: 'web_search_call',
      id: 'ws_1',
      status: 'completed',
      action: { type: 'search', query: 'rain' },
    };
    const message = {
      type: 'message',
      id: 'msg_1',
      content: [{ type: 'output_text', text: 'It rains.', annotations: [annotation] }],
    };
    const response = {
      id: 'r1',
      model: 'gpt',
      status: 'completed',
      output: [call, message],
      usage: { input_tokens: 1, output_tokens: 2 },
      service_tier: 'default',
    };
    const { events, answer } = await told(
      'openai-responses',
      [
        { type: 'response.created', response: { id: 'r1', model: 'gpt' } },
        {
          type: 'response.output_item.added',
          output_index: 0,
          item: { ...call, status: 'in_progress', action: undefined },
        },
        { type: 'response.output_item.done', output_index: 0, item: call },
        { type: 'response.output_item.added', output_index: 1, item: { ...message, content: [] } },
        { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'It rains.' },
        { type: 'response.output_item.done', output_index: 1, item: message },
        { type: 'response.completed', response },
      ]
        .map(event)
        .join(''),
    );
    expect(
      events.map((one) => [one.type === 'server_tool' && one.status, one.type === 'server_tool' && one.input]),
    ).toEqual([
      ['running', undefined],
      ['done', 'rain'],
    ]);
    expect(answer).toMatchObject({
      citations: [{ url: 'https://a.example', places: [{ start: 0, end: 9 }] }],
      usage: { serverToolCalls: { web_search: 1 } },
      serviceTier: 'default',
    });
    expect(wireNamed('openai-responses').codec.decode(response)).toEqual(answer);
  });

  it('of Google has places in characters, where the wire counts bytes', async () => {
    const text = 'Il pleut à Paris. Prends un parapluie.';
    const piece = {
      responseId: 'g1',
      modelVersion: 'gemini',
      candidates: [
        {
          content: {
            parts: [
              { executableCode: { code: 'print(1)', language: 'PYTHON' } },
              { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
              { text },
            ],
          },
          finishReason: 'STOP',
          groundingMetadata: {
            webSearchQueries: ['pluie Paris'],
            groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }],
            groundingSupports: [{ segment: { endIndex: 18 }, groundingChunkIndices: [0] }],
          },
        },
      ],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 },
    };
    const { events, answer } = await told('google', event(piece));
    expect(events.map((one) => one.type === 'server_tool' && `${one.name} ${one.status}`)).toEqual([
      'code_execution running',
      'code_execution done',
      'web_search done',
    ]);
    const [place] = answer.citations[0]?.places ?? [];
    expect(text.slice(place?.start, place?.end)).toBe('Il pleut à Paris.');
    expect(answer.usage?.serverToolCalls).toEqual({ web_search: 1, code_execution: 1 });
    expect(wireNamed('google').codec.decode(piece)).toEqual(answer);
  });
});
