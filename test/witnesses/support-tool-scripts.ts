/** A conversation about two tools, in the form of each provider. */

type Body = Record<string, unknown>;
/** One provider's answers in both turns, in its own form, and the expected second request. */
export type Script = {
  /** The providers of this script, and their options. */
  readonly model: string;
  readonly options?: object;
  /** The provider's answer, whole and as the events of a stream. */
  readonly calls: Told;
  readonly text: Told;
  /** The field of the messages on the wire, and the expected content of the second turn. */
  readonly field: 'messages' | 'contents' | 'input';
  readonly secondTurn: readonly unknown[];
};
type Told = { readonly whole: object; readonly events: readonly Body[] };

export const question = 'What is the weather in Paris, and how late is it in Rome?';
export const weather = '{"celsius":21}';
export const time = '{"time":"12:00"}';
export const conclusion = 'It is 21 degrees in Paris, and noon in Rome.';

/** Text and arguments are cut in two: a stream has to be folded. */
function halves(text: string): [string, string] {
  return [text.slice(0, 5), text.slice(5)];
}

type OpenAiPeculiar = {
  readonly reasoning?: string;
  readonly ids?: readonly [string, string];
  readonly secondTurn?: object;
};

/** The common form. `secondTurn` holds what the assistant's message has to carry in addition. */
function chatCompletions(model: string, options: object = {}, peculiar: OpenAiPeculiar = {}): Script {
  const { reasoning, ids = ['call_a1', 'call_b2'], secondTurn = { content: null } } = peculiar;
  const calls = [
    { id: ids[0], type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    { id: ids[1], type: 'function', function: { name: 'get_time', arguments: '{"city":"Rome"}' } },
  ];
  const base = { id: 'chatcmpl-1', created: 1760000000, model };
  const usage = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };
  const told = (message: object, finish_reason: string, deltas: readonly object[]): Told => ({
    whole: { ...base, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage },
    events: [
      ...deltas.map((delta) => ({ ...base, choices: [{ index: 0, delta, finish_reason: null }] })),
      { ...base, choices: [{ index: 0, delta: {}, finish_reason }], usage },
    ],
  });
  const callDeltas = calls.flatMap(({ id, type, function: { name, arguments: json } }, index) => [
    { tool_calls: [{ index, id, type, function: { name, arguments: halves(json)[0] } }] },
    { tool_calls: [{ index, function: { arguments: halves(json)[1] } }] },
  ]);
  const thought = reasoning === undefined ? {} : { reasoning_content: reasoning };
  return {
    model,
    options,
    calls: told({ role: 'assistant', content: '', ...thought, tool_calls: calls }, 'tool_calls', [
      thought,
      ...callDeltas,
    ]),
    text: told(
      { role: 'assistant', content: conclusion },
      'stop',
      halves(conclusion).map((content) => ({ content })),
    ),
    field: 'messages',
    secondTurn: [
      { role: 'user', content: question },
      { role: 'assistant', tool_calls: calls, ...secondTurn },
      { role: 'tool', tool_call_id: ids[0], content: weather },
      { role: 'tool', tool_call_id: ids[1], content: time },
    ],
  };
}

function claude(): Script {
  const thinking = [
    { type: 'thinking', thinking: 'Two look-ups.', signature: 'c2lnbmVkIHRoaW5raW5n' },
    { type: 'redacted_thinking', data: 'b3BhcXVl' },
  ];
  const text = { type: 'text', text: 'Let me look.' };
  const calls = [
    { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } },
    { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: { city: 'Rome' } },
  ];
  const told = (content: readonly Body[], stop_reason: string): Told => {
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-sonnet-5-5' };
    const usage = { input_tokens: 20, output_tokens: 10 };
    return {
      whole: { ...message, content, stop_reason, usage },
      events: [
        { type: 'message_start', message: { ...message, content: [], usage } },
        ...content.flatMap((block, index) => [
          { type: 'content_block_start', index, content_block: emptied(block) },
          ...deltasOf(block).map((delta) => ({ type: 'content_block_delta', index, delta })),
          { type: 'content_block_stop', index },
        ]),
        { type: 'message_delta', delta: { stop_reason }, usage: { output_tokens: 10 } },
        { type: 'message_stop' },
      ],
    };
  };
  return {
    model: 'claude-sonnet-5-5',
    options: { reasoningEffort: 'HIGH' },
    calls: told([...thinking, text, ...calls], 'tool_use'),
    text: told([{ type: 'text', text: conclusion }], 'end_turn'),
    field: 'messages',
    secondTurn: [
      { role: 'user', content: [{ type: 'text', text: question }] },
      { role: 'assistant', content: [...thinking, text, ...calls] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: weather },
          { type: 'tool_result', tool_use_id: 'toolu_2', content: time },
        ],
      },
    ],
  };
}

/** A block as it is opened, before its deltas. */
function emptied(block: Body): Body {
  switch (block['type']) {
    case 'text':
      return { ...block, text: '' };
    case 'thinking':
      return { ...block, thinking: '', signature: '' };
    case 'tool_use':
      return { ...block, input: {} };
    default:
      return block;
  }
}

function deltasOf(block: Body): Body[] {
  switch (block['type']) {
    case 'text':
      return halves(String(block['text'])).map((text) => ({ type: 'text_delta', text }));
    case 'thinking':
      return [
        ...halves(String(block['thinking'])).map((thinking) => ({ type: 'thinking_delta', thinking })),
        { type: 'signature_delta', signature: block['signature'] },
      ];
    case 'tool_use':
      return halves(JSON.stringify(block['input'])).map((partial_json) => ({ type: 'input_json_delta', partial_json }));
    default:
      return [];
  }
}

function gemini(): Script {
  const calls = [
    {
      functionCall: { id: 'fc_1', name: 'get_weather', args: { city: 'Paris' } },
      // Of parallel calls, only the first is signed.
      thoughtSignature: 'c2lnbmVkIGNhbGw=',
    },
    { functionCall: { id: 'fc_2', name: 'get_time', args: { city: 'Rome' } } },
  ];
  const told = (parts: readonly Body[]): Told => {
    const piece = (some: readonly Body[], rest: object) => ({
      candidates: [{ content: { role: 'model', parts: some }, index: 0, ...rest }],
      usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 10, totalTokenCount: 30 },
      modelVersion: 'gemini-3-flash-preview',
      responseId: 'g-1',
    });
    const end = { finishReason: 'STOP' };
    return { whole: piece(parts, end), events: [...parts.map((part) => piece([part], {})), piece([], end)] };
  };
  return {
    model: 'gemini-3-flash-preview',
    options: { reasoningEffort: 'HIGH' },
    calls: told([{ text: 'Two look-ups.', thought: true }, { text: 'Let me look.' }, ...calls]),
    text: told(halves(conclusion).map((text) => ({ text }))),
    field: 'contents',
    secondTurn: [
      { role: 'user', parts: [{ text: question }] },
      { role: 'model', parts: [{ text: 'Let me look.' }, ...calls] },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'fc_1', name: 'get_weather', response: { celsius: 21 } } },
          { functionResponse: { id: 'fc_2', name: 'get_time', response: { time: '12:00' } } },
        ],
      },
    ],
  };
}

function command(): Script {
  const thinking = 'Two look-ups.';
  const calls = [
    { id: 'get_weather_x1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
    { id: 'get_time_y2', type: 'function', function: { name: 'get_time', arguments: '{"city":"Rome"}' } },
  ];
  const usage = { tokens: { input_tokens: 20, output_tokens: 10 } };
  const event = (type: string, index: number, message: object) => ({ type, index, delta: { message } });
  const told = (message: object, finish_reason: string, events: readonly Body[]): Told => ({
    whole: { id: 'c-1', message: { role: 'assistant', ...message }, finish_reason, usage },
    events: [
      { type: 'message-start', id: 'c-1', delta: { message: { role: 'assistant' } } },
      ...events,
      { type: 'message-end', delta: { finish_reason, usage } },
    ],
  });
  return {
    model: 'command-a-reasoning-08-2025',
    calls: told({ content: [{ type: 'thinking', thinking }], tool_calls: calls }, 'TOOL_CALL', [
      event('content-start', 0, { content: { type: 'thinking', thinking: '' } }),
      ...halves(thinking).map((piece) => event('content-delta', 0, { content: { thinking: piece } })),
      { type: 'content-end', index: 0 },
      ...calls.flatMap(({ function: { name, arguments: json }, ...call }, index) => [
        event('tool-call-start', index, { tool_calls: { ...call, function: { name, arguments: '' } } }),
        ...halves(json).map((piece) =>
          event('tool-call-delta', index, { tool_calls: { function: { arguments: piece } } }),
        ),
        { type: 'tool-call-end', index },
      ]),
    ]),
    text: told({ content: [{ type: 'text', text: conclusion }] }, 'COMPLETE', [
      event('content-start', 0, { content: { type: 'text', text: '' } }),
      ...halves(conclusion).map((text) => event('content-delta', 0, { content: { text } })),
    ]),
    field: 'messages',
    secondTurn: [
      { role: 'user', content: question },
      { role: 'assistant', content: [{ type: 'thinking', thinking }], tool_calls: calls },
      { role: 'tool', tool_call_id: 'get_weather_x1', content: weather },
      { role: 'tool', tool_call_id: 'get_time_y2', content: time },
    ],
  };
}

/** OpenAI's Responses. `signed` adds to calls, `typed` to messages. */
function responses(
  model: string,
  { reasons = true, signed = {}, typed = {} }: { reasons?: boolean; signed?: object; typed?: object } = {},
): Script {
  const thinking = {
    type: 'reasoning',
    summary: [{ type: 'summary_text', text: 'Two look-ups.' }],
    encrypted_content: 'gAAAAABo-final',
  };
  const calls = [
    { type: 'function_call', call_id: 'call_a1', name: 'get_weather', arguments: '{"city":"Paris"}', ...signed },
    { type: 'function_call', call_id: 'call_b2', name: 'get_time', arguments: '{"city":"Rome"}', ...signed },
  ];
  const base = { id: 'resp_1', object: 'response', created_at: 1760000000, model };
  const told = (items: readonly Body[]): Told => {
    const output = items.map((item, index) => ({ id: `item_${index}`, ...item, status: 'completed' }));
    const end = {
      ...base,
      status: 'completed',
      output,
      usage: { input_tokens: 20, output_tokens: 10, total_tokens: 30 },
    };
    return {
      whole: end,
      events: [
        { type: 'response.created', response: { ...base, status: 'in_progress', output: [] } },
        { type: 'response.in_progress', response: { ...base, status: 'in_progress', output: [] } },
        ...output.flatMap((item, output_index) => [
          { type: 'response.output_item.added', output_index, item: begun(item) },
          ...itemDeltas(item).map((delta) => ({ output_index, ...delta })),
          { type: 'response.output_item.done', output_index, item },
        ]),
        { type: 'response.completed', response: end },
      ],
    };
  };
  const message = (text: string) => ({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text, annotations: [] }],
  });
  return {
    model,
    options: reasons ? { reasoningEffort: 'HIGH' } : {},
    calls: told([...(reasons ? [thinking] : []), { ...message('Let me look.'), phase: 'commentary' }, ...calls]),
    text: told([message(conclusion)]),
    field: 'input',
    secondTurn: [
      { ...typed, role: 'user', content: question },
      ...(reasons ? [thinking] : []),
      { ...typed, role: 'assistant', content: 'Let me look.', phase: 'commentary' },
      ...calls,
      { type: 'function_call_output', call_id: 'call_a1', ...resultSign('get_weather', signed), output: weather },
      { type: 'function_call_output', call_id: 'call_b2', ...resultSign('get_time', signed), output: time },
    ],
  };
}

/** A signed call needs its name and its signature with the result. */
function resultSign(name: string, signed: object): object {
  return Object.keys(signed).length > 0 ? { name, ...signed } : {};
}

function begun(item: Body): Body {
  switch (item['type']) {
    case 'reasoning':
      return { ...item, summary: [], encrypted_content: 'gAAAAABo-early' };
    case 'message':
      return { ...item, content: [] };
    default:
      return { ...item, arguments: '' };
  }
}

function itemDeltas(item: Body): Body[] {
  switch (item['type']) {
    case 'reasoning':
      return halves('Two look-ups.').map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        summary_index: 0,
        delta,
      }));
    case 'message':
      return halves((item['content'] as { text: string }[])[0]?.text ?? '').map((delta) => ({
        type: 'response.output_text.delta',
        content_index: 0,
        delta,
      }));
    default:
      return halves(String(item['arguments'])).map((delta) => ({
        type: 'response.function_call_arguments.delta',
        delta,
      }));
  }
}

export const scripts: Readonly<Record<string, Script>> = {
  openai: chatCompletions('gpt-4.1'),
  anthropic: claude(),
  mistral: chatCompletions('mistral-large-latest', {}, { ids: ['D681PevKs', 'x0Yz9aBcD'] }),
  cohere: command(),
  deepseek: chatCompletions(
    'deepseek-v4-pro',
    { reasoningEffort: 'HIGH' },
    {
      reasoning: 'Two look-ups.',
      secondTurn: { content: null, reasoning_content: 'Two look-ups.' },
    },
  ),
  'openai-responses': responses('gpt-5.6-sol'),
  xai: chatCompletions('grok-2', {}, { secondTurn: { content: '' } }),
  'xai-responses': responses('grok-4.6'),
  'perplexity-responses': responses('low', {
    reasons: false,
    signed: { thought_signature: 'c2ln' },
    typed: { type: 'message' },
  }),
  google: gemini(),
  qwen: chatCompletions('qwen-plus'),
  ai21: chatCompletions('jamba-large'),
  deepinfra: chatCompletions('meta-llama/Llama-3.3-70B-Instruct-Turbo'),
};

/** Scripts are named by wires: "xai-responses" is one of xai. */
export function providerOf(wire: string): string {
  return wire.replace('-responses', '');
}

/** The script of a provider at the path "/xai". */
export function scriptAt(path: string): Script | undefined {
  const [, provider = ''] = path.split('/');
  return scripts[path.endsWith('/responses') ? `${provider}-responses` : provider];
}
