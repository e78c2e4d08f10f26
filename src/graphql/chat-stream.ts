import { type GraphQLResolveInfo, Kind } from 'graphql';
import type { AnswerContent, ChatEvent } from '../core/completion.ts';
import { CallFailure } from '../core/gateway.ts';
import { type PollStream, toAsyncIterable } from '../core/poll-stream.ts';
import { selectsWholeAnswer } from './answer-fold.ts';
import { builder } from './builder.ts';
import { toCallOptions } from './call-options.ts';
import { ChatInput } from './chat-input.ts';
import { ToolCallRef } from './completion.ts';
import { completionEndFields } from './completion-fields.ts';
import { ServerToolNameEnum, ServerToolStatusEnum } from './enums.ts';
import { CompletionFailed, cursorField } from './failure.ts';
import { asksForJson, type ObjectEvent, type StreamEvent, selectsObjectDelta } from './object-snapshots.ts';
import { OutputFileRef } from './output-file.ts';
import { createAdditions, type SelectedAdditions } from './stream-events.ts';

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { type: T }>;

const CompletionStarted = builder.objectRef<EventOf<'started'>>('CompletionStarted').implement({
  description:
    'The first event of an answer. It comes with the first content, when the target that answers is settled.',
  fields: (t) => ({
    streamId: t.exposeID('streamId', {
      nullable: false,
      description:
        'Unguessable id of the stream, bound to the caller, for `resumeChatStream`, `chatResult` and `stopChatStream`. With `onDisconnect: STOP` nothing is kept under it.',
    }),
    ...cursorField(t),
    id: t.exposeID('id', { nullable: false, description: "The provider's id of the answer, or a generated one." }),
    provider: t.exposeString('provider', { nullable: false, description: 'Id of the provider that answers.' }),
    model: t.exposeString('model', {
      nullable: false,
      description: 'The model that answers, as the provider names it.',
    }),
    created: t.expose('created', { type: 'DateTime', nullable: false, description: 'Creation time of the answer.' }),
    isSandbox: t.exposeBoolean('isSandbox', {
      nullable: false,
      description: 'Whether the sandbox answers instead of a real model.',
    }),
  }),
});

const ContentDelta = builder.objectRef<EventOf<'content'>>('ContentDelta').implement({
  description: 'The next part of the text. All parts in order are the text.',
  fields: (t) => ({
    text: t.exposeString('text', { nullable: false, description: 'The text, never empty.' }),
    ...cursorField(t),
  }),
});

const ReasoningDelta = builder.objectRef<EventOf<'reasoning'>>('ReasoningDelta').implement({
  description: 'The next part of the reasoning that the model shows.',
  fields: (t) => ({
    text: t.exposeString('text', { nullable: false, description: 'The text, never empty.' }),
    ...cursorField(t),
  }),
});

const ToolCallDelta = builder.objectRef<EventOf<'tool_call'>>('ToolCallDelta').implement({
  description:
    'The next part of a tool call. Calls may be interleaved; `index` identifies them. They are complete with CompletionFinished.',
  fields: (t) => ({
    index: t.exposeInt('index', { nullable: false, description: 'Position of the call in the answer, from 0.' }),
    id: t.exposeID('id', { nullable: false, description: 'Id of the call, the same in each part.' }),
    name: t.exposeString('name', { nullable: false, description: 'Name of the tool, the same in each part.' }),
    argumentsDelta: t.exposeString('argumentsDelta', {
      nullable: false,
      description: 'The next part of the arguments, JSON text.',
    }),
    ...cursorField(t),
  }),
});

const FileDelta = builder.objectRef<EventOf<'file'>>('FileDelta').implement({
  description:
    'An image or sound, or the next part of one. The bytes of all parts with one `index`, in order, are the file; most images come in one part.',
  fields: (t) => ({
    index: t.exposeInt('index', { nullable: false, description: 'Position of the file in the answer, from 0.' }),
    mediaType: t.exposeString('mediaType', {
      nullable: false,
      description: 'Media type: "image/png", "audio/wav", "audio/pcm" (16 bit, 24 kHz, little-endian).',
    }),
    data: t.exposeString('data', { nullable: false, description: 'The bytes of this part in base64.' }),
    ...cursorField(t),
  }),
});

const ServerToolEvent = builder.objectRef<EventOf<'server_tool'>>('ServerToolEvent').implement({
  description:
    'A tool of `serverTools` that the provider runs. Providers that tell only of the end have one event, DONE. No part of the answer.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: 'The same in all events of one run.' }),
    tool: t.field({
      type: ServerToolNameEnum,
      nullable: false,
      description: 'Which tool runs.',
      resolve: ({ name }) => name,
    }),
    status: t.expose('status', { type: ServerToolStatusEnum, nullable: false, description: 'What happens to it.' }),
    input: t.exposeString('input', {
      description: 'What is searched for, fetched or run. Null where the provider does not tell it.',
    }),
    ...cursorField(t),
  }),
});

const ObjectDelta = builder.objectRef<ObjectEvent>('ObjectDelta').implement({
  description:
    'The JSON of the answer so far, for requests with `responseFormat`: each snapshot is whole and replaces the one before. Sent only to operations that select it, and less often than ContentDelta; the last one is `CompletionFinished.object`. A resumed stream has the last one only.',
  fields: (t) => ({
    object: t.field({
      type: 'JSON',
      resolve: ({ object }) => object,
      description: 'What is written of the value: open strings, lists and objects are closed where they are.',
    }),
    ...cursorField(t),
  }),
});

/** With the whole answer where it is selected: answer-fold.ts. */
type Finished = EventOf<'finished'> & Partial<AnswerContent>;

const CompletionFinished = builder.objectRef<Finished>('CompletionFinished').implement({
  description: 'The terminal event of a complete answer.',
  fields: (t) => ({
    text: t.string({
      nullable: false,
      description: 'The whole text, for clients that do not collect the deltas. Built only where it is selected.',
      resolve: ({ text = '' }) => text,
    }),
    reasoning: t.string({
      description: 'The whole reasoning that the model showed. Null without any. Built only where it is selected.',
      resolve: ({ reasoning }) => reasoning || null,
    }),
    toolCalls: t.field({
      type: [ToolCallRef],
      nullable: { list: false, items: false },
      description: 'All tool calls, in order, with their whole arguments. Built only where they are selected.',
      resolve: ({ toolCalls = [] }) => toolCalls,
    }),
    files: t.field({
      type: [OutputFileRef],
      nullable: { list: false, items: false },
      description: 'All images and sound of the answer. Built only where they are selected.',
      resolve: ({ files = [] }) => files,
    }),
    ...completionEndFields(t),
    ...cursorField(t),
  }),
});

const typeNames = {
  started: CompletionStarted,
  content: ContentDelta,
  reasoning: ReasoningDelta,
  tool_call: ToolCallDelta,
  file: FileDelta,
  server_tool: ServerToolEvent,
  object: ObjectDelta,
  finished: CompletionFinished,
  failed: CompletionFailed,
} as const satisfies Record<StreamEvent['type'], unknown>;

export const ChatEventRef = builder.unionType('ChatEvent', {
  description:
    'An event of a stream, in this order: CompletionStarted, deltas and events of server tools, then exactly one of CompletionFinished and CompletionFailed, which is the last. A request that fails before it starts is one CompletionFailed.',
  types: Object.values(typeNames),
  resolveType: ({ type }) => typeNames[type],
});

builder.subscriptionType({ description: 'Answers as they are generated, over server-sent events.' });

builder.subscriptionField('chatStream', (t) =>
  t.field({
    type: ChatEventRef,
    nullable: false,
    description:
      'Streams an answer. Cancelling the subscription stops the model. The stream stays open while the provider is silent.',
    args: { input: t.arg({ type: ChatInput, required: true, description: 'The chat request.' }) },
    subscribe: (_root, { input }, context, info) =>
      toEvents(
        () => context.gateway.stream(input, toCallOptions(context, info)),
        info,
        asksForJson(input) && 'fromStart',
      ),
    resolve: (event: StreamEvent) => event,
  }),
);

/**
 * Starts at once, so that the response and its heartbeats do not wait for the provider. A generator's `return()` queues
 * behind a pending `next()`, so the signal is what stops a request.
 */
export async function* toEvents(
  open: () => Promise<PollStream<ChatEvent>>,
  { schema, operation, fragments }: GraphQLResolveInfo,
  objects: SelectedAdditions['objects'],
): AsyncGenerator<StreamEvent> {
  const definitions = [operation, ...Object.values(fragments)];
  const document = { kind: Kind.DOCUMENT, definitions } as const;
  const additions = createAdditions({
    wholeAnswer: selectsWholeAnswer(schema, document, operation),
    objects: selectsObjectDelta(document) && objects,
  });
  try {
    for await (const batch of toAsyncIterable(await open())) {
      for (const event of batch) {
        if (additions) yield* additions(event);
        else yield event;
      }
    }
  } catch (thrown) {
    yield failedEvent(thrown);
  }
}

/** The terminal event of a stream that was refused before it began. */
export function failedEvent(thrown: unknown): ChatEvent {
  if (!(thrown instanceof CallFailure)) throw thrown;
  return { type: 'failed', ...thrown.failure };
}
