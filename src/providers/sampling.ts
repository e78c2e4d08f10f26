import type { ChatRequest } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';

/**
 * Options that hint at how to write, and change no contract. A target that cannot take one answers without it,
 * and the answer carries a warning: never clamped, never dropped in silence.
 */
export const samplingOptions = [
  'temperature',
  'topP',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'stop',
  'user',
  'parallelToolCalls',
] as const;
export type SamplingOption = (typeof samplingOptions)[number];

/** How a provider takes one option: under which name, and in which range where it is narrower than ours. */
export type SamplingField = {
  readonly field: string;
  readonly min?: number;
  readonly max?: number;
  /** The upper bound itself is not allowed. */
  readonly below?: number;
  /** Most entries of a list. */
  readonly maxItems?: number;
};

export type SamplingFields = Readonly<Record<SamplingOption, SamplingField | undefined>>;

/** Reasoning models refuse these, where the catalogue says `sampling: false`. */
const refusedWhenReasoning: ReadonlySet<SamplingOption> = new Set([
  'temperature',
  'topP',
  'frequencyPenalty',
  'presencePenalty',
]);

export function encodeSampling(
  request: ChatRequest,
  target: Target,
  fields: SamplingFields,
): { fields: Record<string, unknown>; warnings: Warning[] } {
  const encoded: Record<string, unknown> = {};
  const warnings: Warning[] = [];
  for (const option of samplingOptions) {
    const value = request[option];
    if (value === undefined || (option === 'parallelToolCalls' && request.tools.length === 0)) continue;
    const reason = whyNot(option, value, request, target, fields[option]);
    if (reason) warnings.push({ option, message: `${reason}; left out` });
    else if (fields[option]) encoded[fields[option].field] = value;
  }
  return { fields: encoded, warnings };
}

function whyNot(
  option: SamplingOption,
  value: unknown,
  request: ChatRequest,
  { provider, model, facts }: Target,
  field: SamplingField | undefined,
): string | undefined {
  if (!field) return `${provider} has no such option`;
  if (facts?.sampling === false && refusedWhenReasoning.has(option)) {
    const freed = facts.samplingWithoutReasoning && request.reasoningEffort === 'none';
    if (!freed) return `${model} does not take it`;
  }
  if (typeof value === 'number') {
    if (field.min !== undefined && value < field.min) return `${provider} takes ${field.min} at least`;
    if (field.max !== undefined && value > field.max) return `${provider} takes ${field.max} at most`;
    if (field.below !== undefined && value >= field.below) return `${provider} takes values below ${field.below}`;
  }
  if (Array.isArray(value) && field.maxItems !== undefined && value.length > field.maxItems) {
    return `${provider} takes ${field.maxItems} entries at most`;
  }
  return undefined;
}
