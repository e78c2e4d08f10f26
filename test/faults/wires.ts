/** One short answer in the form of each provider family. Written from the vendors' documentation; shares no code with the codecs. */

export type Wire = {
  readonly provider: 'openai' | 'anthropic' | 'google' | 'cohere';
  /** A whole answer that says this. */
  readonly whole: (text: string) => string;
  /** Events before the content. */
  readonly head: readonly string[];
  readonly content: (text: string) => string;
  /** Events that end an answer that is complete. */
  readonly tail: readonly string[];
  /** Among them: the one with the finish reason, and the one with the usage. */
  readonly finish: string;
  readonly usage: string;
  /** A call of the tool `look` with a city, in pieces; the last event closes it. */
  readonly call: (index: number, id: string, city: readonly string[]) => readonly string[];
  /** Instead of `tail` after calls. */
  readonly callTail: readonly string[];
  /** Events that have null or another type where a value is expected. */
  readonly oddities: readonly string[];
  readonly errorBody: (message: string, kind?: 'overloaded') => string;
  /** An error inside a stream. */
  readonly errorEvent: string;
};

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const named = (event: string, value: object) => `event: ${event}\n${data({ type: event, ...value })}`;

/** The text of `{"city":…}`, in pieces. */
const cityArguments = (city: readonly string[]) => ['{"city":"', ...city, '"}'];

const chunk = (delta: object, finish: string | null = null) =>
  data({
    id: 'chatcmpl-f',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

const openAiTail = (reason: string) => [
  chunk({}, reason),
  data({ id: 'chatcmpl-f', choices: [], usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 } }),
  'data: [DONE]\n\n',
];

const openai: Wire = {
  provider: 'openai',
  whole: (content) =>
    JSON.stringify({
      id: 'chatcmpl-f',
      object: 'chat.completion',
      created: 1_760_000_000,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 },
    }),
  head: [chunk({ role: 'assistant', content: '' })],
  content: (content) => chunk({ content }),
  tail: openAiTail('stop'),
  finish: openAiTail('stop')[0] ?? '',
  usage: openAiTail('stop')[1] ?? '',
  call: (index, id, city) => [
    chunk({ tool_calls: [{ index, id, type: 'function', function: { name: 'look', arguments: '' } }] }),
    ...cityArguments(city).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    // Nothing closes a call here.
    chunk({}),
  ],
  callTail: openAiTail('tool_calls'),
  oddities: [
    ...[null, 'none', [null], [{ index: 0, delta: null }], [{ index: 0, delta: { content: null, tool_calls: null } }]],
    [{ index: '0', delta: { content: 7, tool_calls: 'none' } }],
  ].map((choices) => data({ id: 'chatcmpl-f', object: 'chat.completion.chunk', choices })),
  errorBody: (message) => JSON.stringify({ error: { message, type: 'server_error', code: null } }),
  errorEvent: data({ error: { message: 'The server had an error', type: 'server_error', code: 500 } }),
};

const anthropicTail = (reason: string) => [
  named('content_block_stop', { index: 0 }),
  named('message_delta', { delta: { stop_reason: reason }, usage: { output_tokens: 3 } }),
  named('message_stop', {}),
];

const anthropic: Wire = {
  provider: 'anthropic',
  whole: (text) =>
    JSON.stringify({
      id: 'msg_f',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 5, output_tokens: 3 },
    }),
  head: [
    named('message_start', {
      message: {
        id: 'msg_f',
        type: 'message',
        role: 'assistant',
        model: 'm',
        content: [],
        usage: { input_tokens: 5, output_tokens: 1 },
      },
    }),
    named('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  ],
  content: (text) => named('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  tail: anthropicTail('end_turn'),
  finish: anthropicTail('end_turn')[1] ?? '',
  usage: anthropicTail('end_turn')[1] ?? '',
  // The first block is the text.
  call: (place, id, city) => {
    const index = place + 1;
    return [
      named('content_block_start', { index, content_block: { type: 'tool_use', id, name: 'look', input: {} } }),
      ...cityArguments(city).map((piece) =>
        named('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: piece } }),
      ),
      named('content_block_stop', { index }),
    ];
  },
  callTail: anthropicTail('tool_use'),
  oddities: [
    data({ type: null }),
    named('content_block_delta', { index: null, delta: null }),
    named('content_block_delta', { index: 0, delta: { type: 'text_delta', text: null } }),
    named('content_block_start', { index: 9, content_block: null }),
    named('message_delta', { delta: null, usage: null }),
  ],
  errorBody: (message, kind) =>
    JSON.stringify({
      type: 'error',
      error: { type: kind === 'overloaded' ? 'overloaded_error' : 'api_error', message },
    }),
  errorEvent: named('error', { error: { type: 'api_error', message: 'Internal server error' } }),
};

const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 };
const candidateOf = (part: object, finishReason?: string) => ({
  responseId: 'g-f',
  modelVersion: 'm',
  candidates: [{ index: 0, content: { role: 'model', parts: [part] }, ...(finishReason && { finishReason }) }],
});
const candidate = (text: string, finishReason?: string) => candidateOf({ text }, finishReason);
const googleTail = [data({ ...candidate('', 'STOP'), usageMetadata })];

const google: Wire = {
  provider: 'google',
  whole: (text) => JSON.stringify({ ...candidate(text, 'STOP'), usageMetadata }),
  head: [],
  content: (text) => data(candidate(text)),
  tail: googleTail,
  finish: googleTail.join(''),
  usage: googleTail.join(''),
  call: (_index, id, city) =>
    [
      { name: 'look', id, willContinue: true },
      ...city.map((piece) => ({
        partialArgs: [{ jsonPath: '$.city', stringValue: piece, willContinue: true }],
        willContinue: true,
      })),
      {},
    ].map((functionCall) => data(candidateOf({ functionCall }))),
  callTail: googleTail,
  oddities: [
    { candidates: null },
    { candidates: 'none' },
    { candidates: [null] },
    { candidates: [{ content: null }] },
    { candidates: [{ content: { parts: [null, { text: null }, { text: 7 }] } }] },
    { usageMetadata: null },
  ].map(data),
  errorBody: (message) => JSON.stringify({ error: { code: 500, message, status: 'INTERNAL' } }),
  errorEvent: data({ error: { code: 500, message: 'Internal error', status: 'INTERNAL' } }),
};

const tokens = { input_tokens: 5, output_tokens: 3 };

const cohereTail = (reason: string) => [
  data({ type: 'content-end', index: 0 }),
  data({ type: 'message-end', delta: { finish_reason: reason, usage: { billed_units: tokens, tokens } } }),
];

const cohere: Wire = {
  provider: 'cohere',
  whole: (text) =>
    JSON.stringify({
      id: 'c-f',
      finish_reason: 'COMPLETE',
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      usage: { billed_units: tokens, tokens },
    }),
  head: [
    data({ type: 'message-start', id: 'c-f', delta: { message: { role: 'assistant', content: [] } } }),
    data({ type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } }),
  ],
  content: (text) => data({ type: 'content-delta', index: 0, delta: { message: { content: { text } } } }),
  tail: cohereTail('COMPLETE'),
  finish: cohereTail('COMPLETE')[1] ?? '',
  usage: cohereTail('COMPLETE')[1] ?? '',
  call: (index, id, city) => [
    data({
      type: 'tool-call-start',
      index,
      delta: { message: { tool_calls: { id, type: 'function', function: { name: 'look', arguments: '' } } } },
    }),
    ...cityArguments(city).map((piece) =>
      data({
        type: 'tool-call-delta',
        index,
        delta: { message: { tool_calls: { function: { arguments: piece } } } },
      }),
    ),
    data({ type: 'tool-call-end', index }),
  ],
  callTail: cohereTail('TOOL_CALL'),
  oddities: [
    { type: null },
    { type: 'content-delta', index: null, delta: null },
    { type: 'content-delta', index: 0, delta: { message: null } },
    { type: 'content-delta', index: 0, delta: { message: { content: { text: null } } } },
    { type: 'tool-call-delta', index: 5, delta: { message: { tool_calls: null } } },
  ].map(data),
  errorBody: (message) => JSON.stringify({ message }),
  errorEvent: data({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'Internal error' } }),
};

export const wires: readonly Wire[] = [openai, anthropic, google, cohere];
