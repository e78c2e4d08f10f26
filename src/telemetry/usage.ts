import type { UsageReader } from '../core/usage.ts';
import type { Counts } from '../usage/counts.ts';
import { toReport } from '../usage/report.ts';
import type { CallCounter } from './call-batcher.ts';
import type { MetricLabels } from './metric-labels.ts';

/** Counts each request once, under known names. */
export function createUsage(labels: MetricLabels, counts: Counts): CallCounter & UsageReader {
  return {
    count: ({ facts: { caller }, outcome }) => counts.add({ ...labels.of(outcome), caller }, outcome),
    read: async (question) => toReport(question, await counts.read(question.since)),
  };
}
