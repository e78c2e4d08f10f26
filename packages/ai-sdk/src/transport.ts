import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import type { ChatInput, ChatStream, JsonSchema, Parley, StandardSchema } from 'parley-client';
import { toJsonSchema } from 'parley-client/schema';
import { createChunkWriter } from './to-chunks.ts';
import { toMessageInputs } from './to-messages.ts';

/** Where ids of running streams are kept, by chat. `sessionStorage` is one. */
export type StreamStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

export type ParleyTransportOptions = Omit<ChatInput, 'messages' | 'tools' | 'requestId'> & {
  readonly parley: Parley;
  /** Tools that the page runs, in `onToolCall` or by a user: what the model is told of them. */
  readonly tools?: Readonly<
    Record<string, { readonly description: string; readonly parameters: StandardSchema | JsonSchema }>
  >;
  /** Where a page that is loaded again finds its stream. Default: `sessionStorage`, where there is one. */
  readonly storage?: StreamStorage;
};

/**
 * `useChat({ transport: createParleyTransport({ parley, model }) })`. The `body` of a request (`sendMessage(text, { body })`) has
 * further fields of ChatInput, and overrides those of the transport. `stop()` stops the model, also after `resume`.
 */
export function createParleyTransport<Message extends UIMessage = UIMessage>({
  parley,
  tools = {},
  storage = globalThis.sessionStorage,
  ...input
}: ParleyTransportOptions): ChatTransport<Message> {
  const toolInputs = Object.entries(tools).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters: toJsonSchema(parameters),
  }));
  const keyOf = (chatId: string) => `parley:${chatId}`;

  return {
    async sendMessages({ chatId, messages, abortSignal, body }) {
      const asked = { ...input, ...body, messages: toMessageInputs(messages) };
      const stream = parley.stream({ ...asked, ...(toolInputs.length > 0 && { tools: toolInputs }) });
      return toChunks(stream, keyOf(chatId), abortSignal);
    },
    async reconnectToStream({ chatId, abortSignal }) {
      const streamId = storage?.getItem(keyOf(chatId));
      return streamId ? toChunks(parley.resume({ streamId }), keyOf(chatId), abortSignal) : null;
    },
  };

  /** Chunks while they are read. Who cancels them, or aborts, stops the model. */
  function toChunks(stream: ChatStream, key: string, signal: AbortSignal | undefined): ReadableStream<UIMessageChunk> {
    const write = createChunkWriter();
    const events = stream[Symbol.asyncIterator]();
    const onAbort = () => stream.stop();
    signal?.addEventListener('abort', onAbort);
    if (signal?.aborted) onAbort();
    const end = () => {
      signal?.removeEventListener('abort', onAbort);
      storage?.removeItem(key);
    };
    return new ReadableStream<UIMessageChunk>({
      // A pull that enqueues nothing would not be repeated.
      async pull(controller) {
        try {
          for (let chunks: UIMessageChunk[] = []; chunks.length === 0; ) {
            const { done, value: event } = await events.next();
            if (done) {
              end();
              if (signal?.aborted) controller.enqueue({ type: 'abort' });
              return controller.close();
            }
            if (event.__typename === 'CompletionStarted') storage?.setItem(key, event.streamId);
            chunks = write(event);
            for (const chunk of chunks) controller.enqueue(chunk);
          }
        } catch (thrown) {
          end();
          controller.error(thrown);
        }
      },
      cancel() {
        end();
        stream.stop();
      },
    });
  }
}
