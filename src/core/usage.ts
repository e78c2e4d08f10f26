import type { Caller } from './caller.ts';

/** What was used, by whom and of whom. Nothing of it is content. */

export const usageGroups = ['provider', 'model', 'caller'] as const;
export type UsageGroup = (typeof usageGroups)[number];

export type UsageQuestion = {
  readonly by: UsageGroup;
  /** Default: since counting began. */
  readonly since: Date | undefined;
  /** Who asks: an admin sees everybody's, all others their own. */
  readonly caller: Caller;
};

export type UsageRow = {
  /** Of a provider, a model ("openai/gpt-4o") or a caller. */
  readonly name: string;
  readonly requests: number;
  /** Without an answer. Callers who left are not among them. */
  readonly errors: number;
  readonly cancelled: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadInputTokens: number;
  readonly reasoningOutputTokens: number;
  /** As far as it is known. */
  readonly costUsd: number;
  /** Answers whose cost is not known. */
  readonly unpricedRequests: number;
  readonly timeToFirstTokenMs: { readonly p50: number; readonly p95: number } | undefined;
};

export type UsageReport = {
  /** What was really counted from: older counts are kept by the hour. */
  readonly since: Date;
  /** The most asked first. */
  readonly rows: readonly UsageRow[];
};

export type UsageReader = {
  read(question: UsageQuestion): Promise<UsageReport>;
};
