import { openAiAnswer, sendJson, sendStream, startProvider } from '../support/provider-server.ts';
import { takeFetch, wantedOrigin } from './support-fetch.ts';

/** The request that an SDK really sends to its vendor. */
export type Captured = {
  readonly method: string | undefined;
  /** The URL that the SDK requested, host included. */
  readonly url: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Record<string, unknown>;
};

export type Capture = {
  /** Runs one call of an SDK, and returns the only request that it made. */
  requestOf(call: () => Promise<unknown>): Promise<Captured>;
  close(): Promise<void>;
};

/** A local server in place of every vendor, with the shortest valid answers. */
export async function startCapture(): Promise<Capture> {
  const captured: Captured[] = [];
  const server = await startProvider(({ path, headers, body }, response) => {
    captured.push({ method: response.req.method, url: `${headers[wantedOrigin]}${path}`, headers, body });
    const { whole, stream } = briefAnswer(path);
    if (body['stream'] === true || path.includes('stream')) sendStream(response, stream);
    else sendJson(response, 200, whole);
  });
  const giveBackFetch = takeFetch(server.url);
  return {
    async requestOf(call) {
      captured.length = 0;
      await call();
      const [only, ...others] = captured;
      if (!only || others.length > 0) throw new Error(`Expected one request, and ${captured.length} came`);
      return only;
    },
    async close() {
      giveBackFetch();
      await server.close();
    },
  };
}

/** The shortest answer that each vendor's SDK accepts, even where it expects JSON. */
function briefAnswer(path: string): { whole: object; stream: string } {
  if (path.startsWith('/v1/messages')) return { whole: claude, stream: claudeStream };
  if (path.startsWith('/v2/chat')) return { whole: command, stream: commandStream };
  if (path.startsWith('/v1beta/')) return { whole: gemini, stream: events([gemini]) };
  if (path.endsWith('/responses')) return { whole: response, stream: responseStream };
  return { whole: openAiAnswer('{}'), stream: gptStream };
}

// SDKs require the model and the role in a chunk; our codec does not.
const gptStream = `${events([
  {
    id: 'x_1',
    object: 'chat.completion.chunk',
    created: 1760000000,
    model: 'gpt',
    choices: [{ index: 0, delta: { role: 'assistant', content: '{}' }, finish_reason: 'stop' }],
  },
])}data: [DONE]\n\n`;

const response = {
  id: 'resp_1',
  object: 'response',
  created_at: 1760000000,
  status: 'completed',
  model: 'gpt',
  output: [
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: '{}', annotations: [] }],
    },
  ],
};
const responseStream = events([
  { type: 'response.created', response: { ...response, output: [] } },
  { type: 'response.completed', response },
]);

const claude = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude',
  content: [{ type: 'text', text: '{}' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 1 },
};
const claudeStream = events([
  { type: 'message_start', message: { ...claude, content: [], stop_reason: null } },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 1 } },
  { type: 'message_stop' },
]);

const command = {
  id: 'c_1',
  finish_reason: 'COMPLETE',
  message: { role: 'assistant', content: [{ type: 'text', text: '{}' }] },
  usage: { tokens: { input_tokens: 1, output_tokens: 1 } },
};
const commandStream = events([
  { type: 'message-start', id: 'c_1', delta: { message: { role: 'assistant' } } },
  { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage: command.usage } },
]);

const gemini = {
  candidates: [{ content: { role: 'model', parts: [{ text: '{}' }] }, finishReason: 'STOP', index: 0 }],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  modelVersion: 'gemini',
  responseId: 'g_1',
};

function events(list: readonly { readonly type?: string; readonly [field: string]: unknown }[]): string {
  return list
    .map((event) => `${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`)
    .join('');
}
