import type { CheckResult, Mode } from './check.ts';

/** Enough to recognize an answer. The prompt was ours. */
const startChars = 80;

export type Stats = {
  readonly checks: number;
  readonly passed: number;
  readonly failed: number;
  /** Share of passed checks, 0 to 1. */
  readonly successRate: number;
};

/** The output of `--json`. It holds no key, and of each answer only the first characters. */
export type Report = {
  readonly timestamp: string;
  /** Address of the gateway, also where it was started for the run. */
  readonly gateway: string;
  /** False when the run was stopped early. */
  readonly isComplete: boolean;
  readonly stats: Stats & {
    readonly planned: number;
    readonly durationMs: number;
    readonly tokens: number;
    /** By the price list; the sandbox costs nothing. Answers without a known price count as 0. */
    readonly costUsd: number;
    readonly providers: Readonly<Record<string, Stats>>;
  };
  readonly results: readonly ReportedResult[];
};

export type ReportedResult = {
  readonly provider: string;
  readonly model: string;
  readonly mode: Mode;
  readonly success: boolean;
  readonly isSandbox: boolean;
  readonly responseStart: string | null;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly durationMs: number;
  readonly firstTokenMs: number | null;
  readonly finishReason: string | null;
  readonly tokens: number | null;
  readonly costUsd: number | null;
};

export type Run = {
  readonly startedAt: Date;
  readonly gateway: string;
  readonly planned: number;
  readonly durationMs: number;
  readonly checks: readonly CheckResult[];
};

export function createReport({ startedAt, gateway, planned, durationMs, checks }: Run): Report {
  const results = checks.map(toReported);
  const byProvider = Object.groupBy(results, ({ provider }) => provider);
  return {
    timestamp: startedAt.toISOString(),
    gateway,
    isComplete: results.length === planned,
    stats: {
      planned,
      ...statsOf(results),
      durationMs: Math.round(durationMs),
      tokens: sum(results, ({ tokens }) => tokens),
      costUsd: Number(sum(results, ({ costUsd }) => costUsd).toFixed(8)),
      providers: Object.fromEntries(Object.entries(byProvider).map(([provider, own = []]) => [provider, statsOf(own)])),
    },
    results,
  };
}

function statsOf(results: readonly ReportedResult[]): Stats {
  const checks = results.length;
  const passed = results.filter(({ success }) => success).length;
  return { checks, passed, failed: checks - passed, successRate: checks === 0 ? 0 : passed / checks };
}

function toReported({ provider, model, mode, isSandbox, error, answer, ...times }: CheckResult): ReportedResult {
  return {
    provider,
    model,
    mode,
    success: error === undefined,
    isSandbox,
    responseStart: answer ? answer.text.slice(0, startChars) : null,
    error: error ? { code: error.code, message: error.message } : null,
    durationMs: Math.round(times.durationMs),
    firstTokenMs: times.firstTokenMs === undefined ? null : Math.round(times.firstTokenMs),
    finishReason: answer?.finishReason ?? null,
    tokens: answer?.usage ? (answer.usage.inputTokens ?? 0) + (answer.usage.outputTokens ?? 0) : null,
    costUsd: answer?.cost?.total ?? null,
  };
}

export function sum<T>(items: readonly T[], amount: (item: T) => number | null): number {
  return items.reduce((total, item) => total + (amount(item) ?? 0), 0);
}
