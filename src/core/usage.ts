import type { Caller } from './caller.ts';

/** Usage by caller and target, without any content. */

export const usageGroups = ['provider', 'model', 'caller'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export type UsageQuestion = {
  readonly by: UsageGroup;
  /** Default: since counting began. */
  readonly since: Date | undefined;
  /** An admin sees all callers, others only themselves. */
  readonly caller: Caller;
};

export type UsageRow = {
  /** A provider, a model ("openai/gpt-4o") or a caller. */
  readonly name: string;
  readonly requests: number;
  /** Requests without an answer, except cancelled ones. */
  readonly errors: number;
  readonly cancelled: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly reasoningOutputTokens: number;
  /** As far as prices are known. */
  readonly costUsd: number;
  /** Answers without a known cost. */
  readonly unpricedRequests: number;
  readonly timeToFirstTokenMs: { readonly p50: number; readonly p95: number } | undefined;
};

export type UsageReport = {
  /** The actual start: older counts are kept per hour. */
  readonly since: Date;
  /** Most requests first. */
  readonly rows: readonly UsageRow[];
};

export type UsageReader = {
  read(question: UsageQuestion): Promise<UsageReport>;
};
