import type { ChatEvent } from '../core/completion.ts';
import { CallFailure, type CallOptions, type Gateway } from '../core/gateway.ts';
import { toAsyncIterable } from '../core/poll-stream.ts';
import { builder } from './builder.ts';
import { toCallOptions } from './call-options.ts';
import { ChatInput } from './chat-input.ts';
import { completionEndFields } from './completion-fields.ts';
import { CompletionFailed } from './failure.ts';

type EventOf<T extends ChatEvent['type']> = Extract<ChatEvent, { type: T }>;

const CompletionStarted = builder.objectRef<EventOf<'started'>>('CompletionStarted').implement({
  description: 'The first event of an answer. It comes with the first content, when it is settled who answers.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: "The provider's id of the answer, or one made here." }),
    provider: t.exposeString('provider', { nullable: false, description: 'Id of the provider that answers.' }),
    model: t.exposeString('model', {
      nullable: false,
      description: 'The model that answers, in the words of the provider.',
    }),
    created: t.expose('created', { type: 'DateTime', nullable: false, description: 'When the answer was begun.' }),
    isSandbox: t.exposeBoolean('isSandbox', {
      nullable: false,
      description: 'Whether the sandbox writes it instead of a real model.',
    }),
  }),
});

const ContentDelta = builder.objectRef<EventOf<'content'>>('ContentDelta').implement({
  description: 'The next piece of the text. All pieces in order are the text.',
  fields: (t) => ({ text: t.exposeString('text', { nullable: false, description: 'The piece, never empty.' }) }),
});

const ReasoningDelta = builder.objectRef<EventOf<'reasoning'>>('ReasoningDelta').implement({
  description: 'The next piece of what the model lets see of its reasoning.',
  fields: (t) => ({ text: t.exposeString('text', { nullable: false, description: 'The piece, never empty.' }) }),
});

const ToolCallDelta = builder.objectRef<EventOf<'tool_call'>>('ToolCallDelta').implement({
  description:
    'The next piece of a tool call. Calls may take turns; `index` tells them apart. They are complete with CompletionFinished.',
  fields: (t) => ({
    index: t.exposeInt('index', { nullable: false, description: 'Place of the call in the answer, from 0.' }),
    id: t.exposeID('id', { nullable: false, description: 'Id of the call, the same with each piece.' }),
    name: t.exposeString('name', { nullable: false, description: 'Name of the tool, the same with each piece.' }),
    argumentsDelta: t.exposeString('argumentsDelta', {
      nullable: false,
      description: 'The next piece of the arguments, JSON text.',
    }),
  }),
});

const CompletionFinished = builder.objectRef<EventOf<'finished'>>('CompletionFinished').implement({
  description: 'The last event of a stream whose answer is complete.',
  fields: completionEndFields,
});

const typeNames = {
  started: CompletionStarted,
  content: ContentDelta,
  reasoning: ReasoningDelta,
  tool_call: ToolCallDelta,
  finished: CompletionFinished,
  failed: CompletionFailed,
} as const satisfies Record<ChatEvent['type'], unknown>;

const ChatEventRef = builder.unionType('ChatEvent', {
  description:
    'What happens in a stream, in order: CompletionStarted, then deltas, then exactly one of CompletionFinished and CompletionFailed, which is the last. A request that fails before it starts is one CompletionFailed.',
  types: Object.values(typeNames),
  resolveType: ({ type }) => typeNames[type],
});

builder.subscriptionType({ description: 'Answers as they are written, over SSE.' });

builder.subscriptionField('chatStream', (t) =>
  t.field({
    type: ChatEventRef,
    nullable: false,
    description:
      'Asks a model and tells of its answer as it comes. Leaving stops the model. The stream stays open while the provider is silent.',
    args: { input: t.arg({ type: ChatInput, required: true, description: 'What to ask whom.' }) },
    subscribe: (_root, { input }, context, info) => toEvents(context.gateway, input, toCallOptions(context, info)),
    resolve: (event) => event,
  }),
);

/**
 * Starts at once, so that the response and its heartbeats do not wait for the provider. A generator's `return()` queues
 * behind a pending `next()`, so the signal is what stops a request.
 */
async function* toEvents(gateway: Gateway, input: unknown, options: CallOptions): AsyncGenerator<ChatEvent> {
  try {
    for await (const batch of toAsyncIterable(await gateway.stream(input, options)))
      for (const event of batch) yield event;
  } catch (thrown) {
    yield failedEvent(thrown);
  }
}

/** The terminal event of a stream that was refused before it began. */
export function failedEvent(thrown: unknown): ChatEvent {
  if (!(thrown instanceof CallFailure)) throw thrown;
  return { type: 'failed', ...thrown.failure };
}
