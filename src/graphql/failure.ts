import type { ChatEvent, Failure } from '../core/completion.ts';
import type { Issue } from '../core/errors.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { AttemptRef, expenseFields, UsageRef } from './completion-fields.ts';
import { FailureCodeEnum } from './enums.ts';

const IssueRef = builder.objectRef<Issue>('Issue').implement({
  description: 'One place in the input that breaks a rule.',
  fields: (t) => ({
    path: t.exposeString('path', {
      nullable: false,
      description: 'Path of the value: "messages[2].parts[0].image.url".',
    }),
    message: t.exposeString('message', { nullable: false, description: 'What is wrong there, and what is expected.' }),
  }),
});

/** A field of every event of a stream. */
export const cursorField = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, { readonly cursor?: string }>) => ({
  cursor: t.string({
    nullable: false,
    description:
      'The position after this event, for `resumeChatStream(after:)`. Empty for streams that are not kept (`onDisconnect: STOP`).',
    resolve: ({ cursor = '' }) => cursor,
  }),
});

export const failureFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Failure>) => ({
  code: t.field({
    type: FailureCodeEnum,
    nullable: false,
    description: 'The failure code, from a closed list.',
    resolve: ({ error }) => error.code,
  }),
  message: t.string({
    nullable: false,
    description: 'What failed, the rule or limit, and what to do. For people, not for parsing.',
    resolve: ({ error }) => error.message,
  }),
  retryable: t.boolean({
    nullable: false,
    description: 'Whether the same request may succeed later.',
    resolve: ({ error }) => error.retryable,
  }),
  retryAfterMs: t.int({
    description: 'How long to wait before a retry, in milliseconds, where that is known.',
    resolve: ({ error }) => error.retryAfterMs,
  }),
  provider: t.exposeString('provider', {
    nullable: false,
    description:
      'Id of the provider that failed, or of the requested one before the first attempt. Empty where the request names none.',
  }),
  model: t.exposeString('model', {
    nullable: false,
    description: 'The model that failed, or the requested one before the first attempt.',
  }),
  attempts: t.expose('attempts', {
    type: [AttemptRef],
    nullable: { list: false, items: false },
    description: 'All attempts in order.',
  }),
  usage: t.expose('usage', { type: UsageRef, description: 'Tokens known to be used before the failure.' }),
  ...expenseFields(t),
  issues: t.field({
    type: [IssueRef],
    nullable: { list: false, items: false },
    description: 'Every invalid place in the input, for INVALID_REQUEST and similar codes.',
    resolve: ({ error }) => error.issues,
  }),
});

export const ChatFailure = builder.objectRef<Failure>('ChatFailure').implement({
  description: 'Why there is no answer.',
  fields: (t) => ({
    ...failureFields(t),
    partialText: t.exposeString('partialText', {
      description: 'The text before the failure, for `chatResult` of a stream that failed. Null otherwise.',
    }),
  }),
});

export const CompletionFailed = builder
  .objectRef<Extract<ChatEvent, { type: 'failed' }>>('CompletionFailed')
  .implement({
    description: 'The terminal event of a stream that failed. The answer before it may be incomplete.',
    fields: (t) => ({ ...failureFields(t), ...cursorField(t) }),
  });
