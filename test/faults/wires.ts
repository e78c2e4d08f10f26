/** How each family of providers says the same short answer. Written from their documentation, sharing nothing with the codecs. */

export type Wire = {
  readonly provider: 'openai' | 'anthropic' | 'google' | 'cohere';
  /** A whole answer that says this. */
  readonly whole: (text: string) => string;
  /** Events in front of the content. */
  readonly head: readonly string[];
  readonly content: (text: string) => string;
  /** Events that end an answer that is complete. */
  readonly tail: readonly string[];
  readonly errorBody: (message: string, kind?: 'overloaded') => string;
  /** An error inside of a stream. */
  readonly errorEvent: string;
};

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const named = (event: string, value: object) => `event: ${event}\n${data({ type: event, ...value })}`;

const chunk = (delta: object, finish: string | null = null) =>
  data({
    id: 'chatcmpl-f',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  });

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
  tail: [
    chunk({}, 'stop'),
    data({ id: 'chatcmpl-f', choices: [], usage: { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 } }),
    'data: [DONE]\n\n',
  ],
  errorBody: (message) => JSON.stringify({ error: { message, type: 'server_error', code: null } }),
  errorEvent: data({ error: { message: 'The server had an error', type: 'server_error', code: 500 } }),
};

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
  tail: [
    named('content_block_stop', { index: 0 }),
    named('message_delta', { delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 3 } }),
    named('message_stop', {}),
  ],
  errorBody: (message, kind) =>
    JSON.stringify({
      type: 'error',
      error: { type: kind === 'overloaded' ? 'overloaded_error' : 'api_error', message },
    }),
  errorEvent: named('error', { error: { type: 'api_error', message: 'Internal server error' } }),
};

const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 3, totalTokenCount: 8 };
const candidate = (text: string, finishReason?: string) => ({
  responseId: 'g-f',
  modelVersion: 'm',
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...(finishReason && { finishReason }) }],
});

const google: Wire = {
  provider: 'google',
  whole: (text) => JSON.stringify({ ...candidate(text, 'STOP'), usageMetadata }),
  head: [],
  content: (text) => data(candidate(text)),
  tail: [data({ ...candidate('', 'STOP'), usageMetadata })],
  errorBody: (message) => JSON.stringify({ error: { code: 500, message, status: 'INTERNAL' } }),
  errorEvent: data({ error: { code: 500, message: 'Internal error', status: 'INTERNAL' } }),
};

const tokens = { input_tokens: 5, output_tokens: 3 };

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
  tail: [
    data({ type: 'content-end', index: 0 }),
    data({ type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: { billed_units: tokens, tokens } } }),
  ],
  errorBody: (message) => JSON.stringify({ message }),
  errorEvent: data({ type: 'message-end', delta: { finish_reason: 'ERROR', error: 'Internal error' } }),
};

export const wires: readonly Wire[] = [openai, anthropic, google, cohere];
