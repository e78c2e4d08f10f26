import type { GraphQLResolveInfo } from 'graphql';
import type { Completion, Failure } from '../core/completion.ts';
import { CallFailure } from '../core/gateway.ts';
import type { ToolCall } from '../core/message.ts';
import { builder, type Context } from './builder.ts';
import { toCallOptions } from './call-options.ts';
import { ChatInput } from './chat-input.ts';
import { completionEndFields } from './completion-fields.ts';
import { ChatFailure } from './failure.ts';
import { OutputFileRef } from './output-file.ts';

export const ToolCallRef = builder.objectRef<ToolCall>('ToolCall').implement({
  description: 'A tool call that the model asks the application to make.',
  fields: (t) => ({
    id: t.exposeID('id', {
      nullable: false,
      description: 'Id of the call, to be repeated in the tool message that answers it.',
    }),
    name: t.exposeString('name', { nullable: false, description: 'Name of the tool.' }),
    arguments: t.exposeString('arguments', {
      nullable: false,
      description:
        'JSON text as the model wrote it: usually an object that follows the schema of the tool, but not guaranteed to be valid.',
    }),
  }),
});

const CompletionRef = builder.objectRef<Completion>('Completion').implement({
  description: 'A whole answer.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false, description: "The provider's id of the answer, or a generated one." }),
    provider: t.exposeString('provider', { nullable: false, description: 'Id of the provider that answered.' }),
    model: t.exposeString('model', {
      nullable: false,
      description: 'The model that answered, as the provider names it.',
    }),
    created: t.expose('created', { type: 'DateTime', nullable: false, description: 'Creation time of the answer.' }),
    isSandbox: t.exposeBoolean('isSandbox', {
      nullable: false,
      description: 'Whether the sandbox answered instead of a real model.',
    }),
    text: t.exposeString('text', { nullable: false, description: 'The text; empty when there are only tool calls.' }),
    reasoning: t.string({
      description: 'The reasoning that the model shows. Null without any.',
      resolve: ({ reasoning }) => reasoning || null,
    }),
    toolCalls: t.expose('toolCalls', {
      type: [ToolCallRef],
      nullable: { list: false, items: false },
      description: 'Tool calls to make, in order. `finishReason` is then TOOL_CALL.',
    }),
    files: t.field({
      type: [OutputFileRef],
      nullable: { list: false, items: false },
      description: 'Images and sound, for models that answer with them (`outputModalities`).',
      resolve: ({ files = [] }) => files,
    }),
    isPartial: t.boolean({
      nullable: false,
      description:
        'Whether the answer still runs, for `chatResult`: its text so far, with the finish reason OTHER. False for `chat`.',
      resolve: ({ isPartial = false }) => isPartial,
    }),
    ...completionEndFields(t),
  }),
});

export const ChatResult = builder.unionType('ChatResult', {
  description: 'An answer, or why there is none. A failure is data: it nulls no other field of the document.',
  types: [CompletionRef, ChatFailure],
  resolveType: (value) => ('error' in value ? ChatFailure : CompletionRef),
});

builder.queryField('chat', (t) =>
  t.field({
    type: ChatResult,
    nullable: false,
    description:
      'Requests a whole answer. Aliases run concurrently: two models are compared in one request. It costs money: for a client or a proxy that repeats, batches or caches queries, there is the mutation of the same name.',
    args: { input: t.arg({ type: ChatInput, required: true, description: 'The chat request.' }) },
    resolve: (_root, { input }, context, info) => answerChat(input, context, info),
  }),
);

builder.mutationType({ description: 'What changes something: answers that are paid for, and running streams.' });

builder.mutationField('chat', (t) =>
  t.field({
    type: ChatResult,
    nullable: false,
    description:
      'The same as the query `chat`, for clients and proxies that take a query to be free and repeat, batch or cache it. Aliases run one after the other.',
    args: { input: t.arg({ type: ChatInput, required: true, description: 'The chat request.' }) },
    resolve: (_root, { input }, context, info) => answerChat(input, context, info),
  }),
);

/** Returns a failure as data: graphql-js would treat a returned Error as thrown. */
export async function answerChat(
  input: unknown,
  context: Context,
  info: Pick<GraphQLResolveInfo, 'operation'>,
): Promise<Completion | Failure> {
  try {
    return await context.gateway.chat(input, toCallOptions(context, info));
  } catch (thrown) {
    if (thrown instanceof CallFailure) return thrown.failure;
    throw thrown;
  }
}
