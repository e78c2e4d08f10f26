import type { UsageReport, UsageRow } from '../core/usage.ts';
import { builder } from './builder.ts';
import { UsageGroupEnum } from './enums.ts';

const QuantilesRef = builder.objectRef<NonNullable<UsageRow['timeToFirstTokenMs']>>('FirstTokenTimes').implement({
  description: 'Time to the first content of streams in milliseconds, with an error of about 3 %.',
  fields: (t) => ({
    p50: t.exposeFloat('p50', { nullable: false, description: 'The median.' }),
    p95: t.exposeFloat('p95', { nullable: false, description: 'The 95th percentile.' }),
  }),
});

const UsageRowRef = builder.objectRef<UsageRow>('UsageRow').implement({
  description: 'Usage of one provider, model or caller.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description:
        'The provider, the model ("openai/gpt-4o") or the caller. "other": everything without a name of its own.',
    }),
    requests: t.exposeInt('requests', { nullable: false, description: 'Requests that ended, however they did.' }),
    errors: t.exposeInt('errors', { nullable: false, description: 'Requests that failed.' }),
    cancelled: t.exposeInt('cancelled', { nullable: false, description: 'Requests whose client disconnected.' }),
    // A day's tokens may exceed an Int.
    inputTokens: t.exposeFloat('inputTokens', { nullable: false, description: 'Input tokens, cached ones included.' }),
    outputTokens: t.exposeFloat('outputTokens', {
      nullable: false,
      description: 'Output tokens, reasoning included.',
    }),
    cacheReadInputTokens: t.exposeFloat('cacheReadInputTokens', {
      nullable: false,
      description: 'Input tokens read from caches.',
    }),
    reasoningOutputTokens: t.exposeFloat('reasoningOutputTokens', {
      nullable: false,
      description: 'Output tokens that were reasoning, where reported.',
    }),
    costUsd: t.exposeFloat('costUsd', { nullable: false, description: 'Cost in USD, as far as prices are known.' }),
    unpricedRequests: t.exposeInt('unpricedRequests', {
      nullable: false,
      description: 'Answers without a known cost, not included in `costUsd`.',
    }),
    timeToFirstTokenMs: t.expose('timeToFirstTokenMs', {
      type: QuantilesRef,
      description: 'Null without streams.',
    }),
  }),
});

const UsageReportRef = builder.objectRef<UsageReport>('UsageReport').implement({
  description: 'Usage since a time.',
  fields: (t) => ({
    since: t.expose('since', {
      type: 'DateTime',
      nullable: false,
      description:
        'The actual start: counts are kept per minute for two hours, per hour for two days, and as one sum before that.',
    }),
    rows: t.expose('rows', {
      type: [UsageRowRef],
      nullable: { list: false, items: false },
      description: 'Most requests first.',
    }),
  }),
});

builder.queryField('usage', (t) =>
  t.field({
    type: UsageReportRef,
    nullable: false,
    description:
      'Usage since this process started: counts and sums, no content. Callers see their own, admins that of all.',
    args: {
      by: t.arg({ type: UsageGroupEnum, required: true, description: 'What the rows stand for.' }),
      since: t.arg({ type: 'DateTime', description: 'Only what came later. Default: all.' }),
    },
    resolve: (_root, { by, since }, { usage, caller }) => usage.read({ by, since: since ?? undefined, caller }),
  }),
);
