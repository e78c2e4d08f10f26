import type { UsageReport, UsageRow } from '../core/usage.ts';
import { builder } from './builder.ts';
import { UsageGroupEnum } from './enums.ts';

const QuantilesRef = builder.objectRef<NonNullable<UsageRow['timeToFirstTokenMs']>>('FirstTokenTimes').implement({
  description: 'How long streams took to their first content, in milliseconds, to about 3 %.',
  fields: (t) => ({
    p50: t.exposeFloat('p50', { nullable: false, description: 'Half of them took no longer.' }),
    p95: t.exposeFloat('p95', { nullable: false, description: 'All but a twentieth of them took no longer.' }),
  }),
});

const UsageRowRef = builder.objectRef<UsageRow>('UsageRow').implement({
  description: 'What was used of one provider or model, or by one caller.',
  fields: (t) => ({
    name: t.exposeString('name', {
      nullable: false,
      description: 'Of the provider, the model ("openai/gpt-4o") or the caller. "other": all that have no name here.',
    }),
    requests: t.exposeInt('requests', { nullable: false, description: 'Calls that ended, however they did.' }),
    errors: t.exposeInt('errors', { nullable: false, description: 'Those that failed.' }),
    cancelled: t.exposeInt('cancelled', { nullable: false, description: 'Those whose caller left.' }),
    // A day's tokens may exceed an Int.
    inputTokens: t.exposeFloat('inputTokens', { nullable: false, description: 'Tokens read, cached ones included.' }),
    outputTokens: t.exposeFloat('outputTokens', {
      nullable: false,
      description: 'Tokens written, reasoning included.',
    }),
    cacheReadInputTokens: t.exposeFloat('cacheReadInputTokens', {
      nullable: false,
      description: 'Part of the input that came from caches.',
    }),
    reasoningOutputTokens: t.exposeFloat('reasoningOutputTokens', {
      nullable: false,
      description: 'Part of the output that was reasoning, where it is told.',
    }),
    costUsd: t.exposeFloat('costUsd', { nullable: false, description: 'What it cost, as far as that is known.' }),
    unpricedRequests: t.exposeInt('unpricedRequests', {
      nullable: false,
      description: 'Answers whose cost is not known, and not in `costUsd`.',
    }),
    timeToFirstTokenMs: t.expose('timeToFirstTokenMs', {
      type: QuantilesRef,
      description: 'Null where nothing was streamed.',
    }),
  }),
});

const UsageReportRef = builder.objectRef<UsageReport>('UsageReport').implement({
  description: 'What was used since a moment.',
  fields: (t) => ({
    since: t.expose('since', {
      type: 'DateTime',
      nullable: false,
      description:
        'From when it is really counted: by the minute for two hours, by the hour for two days, and before that at once.',
    }),
    rows: t.expose('rows', {
      type: [UsageRowRef],
      nullable: { list: false, items: false },
      description: 'The most asked first.',
    }),
  }),
});

builder.queryField('usage', (t) =>
  t.field({
    type: UsageReportRef,
    nullable: false,
    description:
      'What was used since this process began: counts and sums, and nothing of what was said. Callers see their own, an admin sees that of all.',
    args: {
      by: t.arg({ type: UsageGroupEnum, required: true, description: 'What the rows are for.' }),
      since: t.arg({ type: 'DateTime', description: 'Not what was before. Default: all.' }),
    },
    resolve: (_root, { by, since }, { usage, caller }) => usage.read({ by, since: since ?? undefined, caller }),
  }),
);
