import { CallFailure } from '../core/gateway.ts';
import type { KeptStreamInfo, StopOutcome } from '../core/kept-streams.ts';
import { builder } from './builder.ts';
import { ChatEventRef, toEvents } from './chat-stream.ts';
import { ChatResult } from './completion.ts';
import { ChatStreamStatus, DisconnectPolicyEnum, StopOutcomeEnum } from './enums.ts';
import type { StreamEvent } from './object-snapshots.ts';

/** Streams that outlive the connection of their client: list, resume, fetch, stop. */

const ChatStreamRef = builder.objectRef<KeptStreamInfo>('ChatStream').implement({
  description: 'A stream that runs or whose answer is kept, without its content.',
  fields: (t) => ({
    streamId: t.exposeID('streamId', { nullable: false, description: 'Its id, as in CompletionStarted.' }),
    requestId: t.exposeID('requestId', { description: 'The `requestId` of its request. Null without one.' }),
    onDisconnect: t.expose('policy', {
      type: DisconnectPolicyEnum,
      nullable: false,
      description: 'What happens when its last client disconnects.',
    }),
    status: t.expose('status', { type: ChatStreamStatus, nullable: false, description: 'Its state.' }),
    provider: t.exposeString('provider', {
      nullable: false,
      description: 'Id of the provider that answers, or of the requested one before it starts.',
    }),
    model: t.exposeString('model', {
      nullable: false,
      description: 'The model that answers, or the requested one before it starts.',
    }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: false,
      description: 'When the request arrived.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description:
        'When it is stopped or removed if no client comes back. Null while a client follows it, or while FINISH runs.',
    }),
    resumes: t.exposeInt('resumes', { nullable: false, description: 'How often it was resumed.' }),
  }),
});

type StopResult = { readonly streamId: string; readonly outcome: StopOutcome };

const StopResultRef = builder.objectRef<StopResult>('StopResult').implement({
  description: 'The result of `stopChatStream`.',
  fields: (t) => ({
    streamId: t.exposeID('streamId', { nullable: false, description: 'The id that was given.' }),
    outcome: t.expose('outcome', { type: StopOutcomeEnum, nullable: false, description: 'What happened.' }),
  }),
});

const streamIdDescription = 'The id from CompletionStarted or `chatStreams`.';

builder.queryField('chatStreams', (t) =>
  t.field({
    type: [ChatStreamRef],
    nullable: { list: false, items: false },
    description:
      "The caller's streams with the policies WAIT and FINISH, running and kept, the newest first. Empty for anonymous callers of a public address.",
    resolve: (_root, _args, { gateway, caller }) => gateway.kept.list(caller),
  }),
);

builder.queryField('chatResult', (t) =>
  t.field({
    type: ChatResult,
    nullable: false,
    description:
      'The answer of a kept stream: at its end, or so far (`isPartial`). ChatFailure where it failed, with STREAM_NOT_FOUND where there is none.',
    args: { streamId: t.arg.id({ required: true, description: streamIdDescription }) },
    async resolve(_root, { streamId }, { gateway, caller }) {
      try {
        return await gateway.kept.result(caller, streamId);
      } catch (thrown) {
        if (thrown instanceof CallFailure) return thrown.failure;
        throw thrown;
      }
    },
  }),
);

builder.subscriptionField('resumeChatStream', (t) =>
  t.field({
    type: ChatEventRef,
    nullable: false,
    description:
      'A kept stream after a cursor, merged, and then live, to exactly one terminal event. Any number of clients may follow one stream. Costs nothing.',
    args: {
      streamId: t.arg.id({ required: true, description: streamIdDescription }),
      after: t.arg.string({
        description: 'The cursor of the last event that was received. Default: from the beginning.',
      }),
    },
    subscribe: (_root, { streamId, after }, { gateway, caller, signal }, info) =>
      toEvents(() => gateway.kept.resume(caller, streamId, after ?? undefined, signal), info, 'resumed'),
    resolve: (event: StreamEvent) => event,
  }),
);

builder.mutationField('stopChatStream', (t) =>
  t.field({
    type: StopResultRef,
    nullable: false,
    description: 'Stops a kept stream and its provider, on whichever gateway it runs. Its text so far stays available.',
    args: { streamId: t.arg.id({ required: true, description: streamIdDescription }) },
    resolve: async (_root, { streamId }, { gateway, caller }) => ({
      streamId,
      outcome: await gateway.kept.stop(caller, streamId),
    }),
  }),
);
