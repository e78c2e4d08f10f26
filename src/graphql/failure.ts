import type { ChatEvent, Failure } from '../core/completion.ts';
import type { Issue } from '../core/errors.ts';
import { builder, type SchemaTypes } from './builder.ts';
import { AttemptRef, expenseFields, UsageRef } from './completion-fields.ts';
import { FailureCodeEnum } from './enums.ts';

const IssueRef = builder.objectRef<Issue>('Issue').implement({
  description: 'One place in the input that breaks a rule.',
  fields: (t) => ({
    path: t.exposeString('path', { nullable: false, description: 'Where: "messages[2].parts[0].image.url".' }),
    message: t.exposeString('message', { nullable: false, description: 'What is wrong there, and what is expected.' }),
  }),
});

const failureFields = (t: PothosSchemaTypes.ObjectFieldBuilder<SchemaTypes, Failure>) => ({
  code: t.field({
    type: FailureCodeEnum,
    nullable: false,
    description: 'What happened, from a closed list.',
    resolve: ({ error }) => error.code,
  }),
  message: t.string({
    nullable: false,
    description: 'The same for people: what happened, to whom, what to do. For showing, not for parsing.',
    resolve: ({ error }) => error.message,
  }),
  retryable: t.boolean({
    nullable: false,
    description: 'Whether the same request may succeed later.',
    resolve: ({ error }) => error.retryable,
  }),
  retryAfterMs: t.int({
    description: 'How long to wait before that, in milliseconds, where that is known.',
    resolve: ({ error }) => error.retryAfterMs,
  }),
  provider: t.exposeString('provider', {
    nullable: false,
    description:
      'Id of the provider that failed, or of the one asked for when none was tried. Empty where the request names none.',
  }),
  model: t.exposeString('model', {
    nullable: false,
    description: 'The model that failed, or the one asked for when none was tried.',
  }),
  attempts: t.expose('attempts', {
    type: [AttemptRef],
    nullable: { list: false, items: false },
    description: 'Every try in order.',
  }),
  usage: t.expose('usage', { type: UsageRef, description: 'Tokens known to be used before the failure.' }),
  ...expenseFields(t),
  issues: t.field({
    type: [IssueRef],
    nullable: { list: false, items: false },
    description: 'Each place in the input that is wrong, for INVALID_REQUEST and its like.',
    resolve: ({ error }) => error.issues,
  }),
});

export const ChatFailure = builder.objectRef<Failure>('ChatFailure').implement({
  description: 'Why there is no answer.',
  fields: failureFields,
});

export const CompletionFailed = builder
  .objectRef<Extract<ChatEvent, { type: 'failed' }>>('CompletionFailed')
  .implement({
    description: 'The last event of a stream that failed. What came before it may be incomplete.',
    fields: failureFields,
  });
