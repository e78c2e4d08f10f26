import type { Completion } from './completion.ts';
import { chat, embed, models } from './documents.ts';
import { type Failure, toChatError } from './errors.ts';
import { createObjectStream, type ObjectInput, type ObjectStream } from './object.ts';
import type { ChatInput, EmbedInput, EmbedQuery, ModelFilter, ModelsQuery } from './operations.ts';
import type { OutputOf, Schema } from './schema.ts';
import { type ChatStream, createStream, type StreamOptions, type StreamPosition } from './stream.ts';
import { type RunToolsOptions, runTools, type ToolRun } from './tools.ts';
import { execute, type TransportOptions } from './transport.ts';

export type { ChatEvent, Completion, OutputFile, PartialCompletion, ToolCall } from './completion.ts';
export { ChatError } from './errors.ts';
export type { DeepPartial, ObjectInput, ObjectStream } from './object.ts';
export type { ChatInput, ContentPartInput, EmbedInput, FailureCode, MessageInput } from './operations.ts';
export type { JsonSchema, OutputOf, Schema, StandardSchema } from './schema.ts';
export type { ChatStream, StreamOptions, StreamPosition } from './stream.ts';
export { type RunToolsOptions, type Tool, type ToolResult, type ToolRun, type Tools, tool } from './tools.ts';
export type { TransportOptions } from './transport.ts';

export type Embeddings = Extract<EmbedQuery['embed'], { __typename: 'Embeddings' }>;
export type Model = ModelsQuery['models'][number];
type Cancellable = { readonly signal?: AbortSignal };

export type Parley = {
  /** A whole answer. Throws a ChatError where it fails. */
  chat(input: ChatInput, options?: Cancellable): Promise<Completion>;
  /** An answer while it is written. It survives lost connections (`onDisconnect: 'WAIT'` unless the input says otherwise). */
  stream(input: ChatInput, options?: StreamOptions): ChatStream;
  /** An answer that runs or is kept, after a position: in a page that was loaded again, or on another device. */
  resume(position: StreamPosition, options?: StreamOptions): ChatStream;
  /** A value that follows a schema, while it is written. */
  object<S extends Schema>(input: ObjectInput<S>, options?: StreamOptions): ObjectStream<OutputOf<S>>;
  /** Runs tools until the model has its answer. */
  runTools(input: Parameters<typeof runTools>[1], options?: RunToolsOptions): Promise<ToolRun>;
  /** Vectors of texts and images. Throws a ChatError where it fails. */
  embed(input: EmbedInput, options?: Cancellable): Promise<Embeddings>;
  /** The models that this caller may use. */
  models(filter?: ModelFilter, options?: Cancellable): Promise<readonly Model[]>;
};

/** A client of one gateway. It holds no connection and no state: make one per page or process. */
export function createParley(options: TransportOptions): Parley {
  return {
    async chat(input, { signal } = {}) {
      const { chat: answer } = await execute(options, chat, { input }, signal);
      return orThrow(answer);
    },
    stream: (input, streamOptions) => createStream(options, { input }, streamOptions),
    resume: (position, streamOptions) => createStream(options, { position }, streamOptions),
    object: (input, streamOptions) => createObjectStream(options, input, streamOptions),
    runTools: (input, runOptions) => runTools(options, input, runOptions),
    async embed(input, { signal } = {}) {
      const { embed: result } = await execute(options, embed, { input }, signal);
      return orThrow(result);
    },
    async models(filter, { signal } = {}) {
      return (await execute(options, models, { filter: filter ?? null }, signal)).models;
    },
  };
}

/** The result, or its failure thrown. */
function orThrow<T extends { readonly __typename: string }>(
  result: T,
): Exclude<T, { readonly __typename: 'ChatFailure' | 'EmbedFailure' }> {
  if ('code' in result) throw toChatError(result as T & Failure);
  return result as Exclude<T, { readonly __typename: 'ChatFailure' | 'EmbedFailure' }>;
}
