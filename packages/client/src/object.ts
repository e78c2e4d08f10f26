import type { ChatEvent } from './completion.ts';
import { ChatError, toChatError } from './errors.ts';
import type { ChatInput } from './operations.ts';
import { type OutputOf, type Schema, toJsonSchema, validate } from './schema.ts';
import { type ChatStream, createStream, type StreamOptions } from './stream.ts';
import type { TransportOptions } from './transport.ts';

/** A value while it is written: each part may still be missing. */
export type DeepPartial<T> = T extends readonly (infer Item)[]
  ? DeepPartial<Item>[]
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> }
    : T;

export type ObjectInput<S extends Schema> = Omit<ChatInput, 'responseFormat'> & {
  /** The form of the value: a zod schema, or JSON Schema. */
  readonly schema: S;
  /** Its name, for the model. Default: "object". */
  readonly schemaName?: string;
};

/** A value while it is written, read once: its snapshots by `for await`, or the whole value. */
export type ObjectStream<T> = AsyncIterable<DeepPartial<T>> & {
  /** The whole value, validated. Throws a ChatError; OUTPUT_INVALID with `issues` where the model does not follow the schema. */
  toObject(onSnapshot?: (snapshot: DeepPartial<T>) => void): Promise<T>;
  readonly stop: ChatStream['stop'];
};

export function createObjectStream<S extends Schema>(
  transport: TransportOptions,
  { schema, schemaName: name = 'object', ...input }: ObjectInput<S>,
  options?: StreamOptions,
): ObjectStream<OutputOf<S>> {
  const responseFormat = { jsonSchema: { name, schema: toJsonSchema(schema) } };
  const stream = createStream(transport, { input: { ...input, responseFormat } }, options);

  const snapshotOf = (event: ChatEvent) => (event as { readonly object?: DeepPartial<OutputOf<S>> | null }).object;

  async function* snapshots(): AsyncGenerator<DeepPartial<OutputOf<S>>, void, undefined> {
    for await (const event of stream) {
      if (event.__typename === 'CompletionFailed') throw toChatError(event);
      const snapshot = snapshotOf(event);
      if (snapshot != null) yield snapshot;
    }
  }

  async function toObject(onSnapshot?: (snapshot: DeepPartial<OutputOf<S>>) => void): Promise<OutputOf<S>> {
    const completion = await stream.toCompletion((event) => {
      const snapshot = snapshotOf(event);
      if (snapshot != null) onSnapshot?.(snapshot);
    });
    const { object, text, refusal, finishReason } = completion;
    if (object === null) {
      const why = refusal ?? `The answer has no value (${finishReason}).`;
      throw new ChatError('OUTPUT_INVALID', why, { partialText: text });
    }
    // The gateway has checked the JSON Schema; refinements and transforms are the schema's own.
    const result = await validate(schema, object);
    if ('value' in result) return result.value;
    throw new ChatError('OUTPUT_INVALID', 'The value does not follow the schema.', { ...result, partialText: text });
  }

  return { [Symbol.asyncIterator]: snapshots, toObject, stop: stream.stop };
}
