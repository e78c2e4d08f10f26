import type { ChatRequest } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';
import { lookUp } from './read-json.ts';

/**
 * Sampling options: hints that change no contract. A target that does not support one answers without it and the answer
 * carries a warning; values are never clamped.
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
  'topK',
  'logitBias',
  'verbosity',
  'serviceTier',
  'metadata',
  'logprobs',
  'topLogprobs',
] as const;
export type SamplingOption = (typeof samplingOptions)[number];

/** How a provider takes one option: its field, and its range where that is narrower than ours. */
export type SamplingField = {
  readonly field: string;
  readonly min?: number;
  readonly max?: number;
  /** The lower bound is excluded. */
  readonly above?: number;
  /** The upper bound is excluded. */
  readonly below?: number;
  /** The words of the wire for the values that it has. Default: all, as they are. */
  readonly words?: Readonly<Record<string, string>>;
  /** Known to models that reason only. */
  readonly onlyWith?: 'reasoning_model';
  /** Most entries of a list. */
  readonly maxItems?: number;
  /** Most characters of a text. */
  readonly maxLength?: number;
  /** Refused by models without sampling parameters (`sampling: false` in the catalogue). */
  readonly isSampling?: true;
  /** Not supported by models that reason, or while they reason. */
  readonly notWith?: 'reasoning_model' | 'reasoning';
};

/** `undefined` or absent: the wire has no such option. */
export type SamplingFields = { readonly [option in SamplingOption]?: SamplingField | undefined };

/** The options that `sampling: false` means everywhere; a field may add to them. */
const alwaysSampling: ReadonlySet<SamplingOption> = new Set([
  'temperature',
  'topP',
  'frequencyPenalty',
  'presencePenalty',
]);

/** With reasoning off, models accept these again (`samplingWithoutReasoning`), and not the others. */
const freedWithoutReasoning: ReadonlySet<SamplingOption> = new Set(['temperature', 'topP', 'logprobs', 'topLogprobs']);

export type EncodedSampling = { readonly fields: Record<string, unknown>; readonly warnings: Warning[] };

export function encodeSampling(
  request: ChatRequest,
  target: Target,
  fields: SamplingFields,
  isReasoning: boolean = request.reasoningEffort !== 'none',
): EncodedSampling {
  const encoded: Record<string, unknown> = {};
  const warnings: Warning[] = [];
  for (const option of samplingOptions) {
    const value = request[option];
    if (value === undefined || isEmpty(value)) continue;
    // Refused without tools, where it means nothing.
    if (option === 'parallelToolCalls' && request.tools.length === 0) continue;
    if (option === 'logprobs' && value === false) continue;
    const field = fields[option];
    const reason = field
      ? (whyNotHere(option, field, target, isReasoning) ?? whyNotSo(value, field, target))
      : `${target.model} on ${target.provider} does not support it`;
    if (reason) warnings.push({ option, message: `${reason}; left out` });
    else if (field) encoded[field.field] = field.words?.[String(value)] ?? value;
  }
  return { fields: encoded, warnings };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function whyNotHere(
  option: SamplingOption,
  field: SamplingField,
  { model, facts }: Target,
  isReasoning: boolean,
): string | undefined {
  if (facts?.sampling === false && (field.isSampling || alwaysSampling.has(option))) {
    const isFreed = facts.samplingWithoutReasoning && !isReasoning && freedWithoutReasoning.has(option);
    if (!isFreed) return `${model} does not support it`;
  }
  const isReasoner = facts?.reasoning !== undefined && facts.reasoning !== false;
  if (field.onlyWith === 'reasoning_model' && facts?.reasoning === false) return `${model} does not support it`;
  if (field.notWith === 'reasoning_model' && isReasoner) return `${model} does not support it while reasoning`;
  if (field.notWith === 'reasoning' && isReasoning) return `${model} supports it only without reasoning`;
  return undefined;
}

function whyNotSo(value: unknown, field: SamplingField, { provider }: Target): string | undefined {
  const { min, max, above, below, maxItems, maxLength, words } = field;
  if (words && lookUp(words, String(value)) === undefined) {
    return `${provider} supports ${Object.keys(words).join(', ')} only`;
  }
  if (typeof value === 'number') {
    if (min !== undefined && value < min) return `${provider} accepts at least ${min}`;
    if (max !== undefined && value > max) return `${provider} accepts at most ${max}`;
    if (above !== undefined && value <= above) return `${provider} accepts values above ${above}`;
    if (below !== undefined && value >= below) return `${provider} accepts values below ${below}`;
  }
  if (typeof value === 'string' && maxLength !== undefined && value.length > maxLength) {
    return `${provider} accepts at most ${maxLength} characters`;
  }
  if (Array.isArray(value) && maxItems !== undefined && value.length > maxItems) {
    return `${provider} accepts at most ${maxItems} entries`;
  }
  return undefined;
}

/** For wires that refuse both penalties together. A zero is no penalty, so dropping it needs no warning. */
export function keepOnePenalty({ fields, warnings }: EncodedSampling, kept: 'frequency' | 'presence'): EncodedSampling {
  const { frequency_penalty: frequency, presence_penalty: presence, ...others } = fields;
  if (frequency === undefined || presence === undefined) return { fields, warnings };
  if (presence === 0) return { fields: { ...others, frequency_penalty: frequency }, warnings };
  if (frequency === 0) return { fields: { ...others, presence_penalty: presence }, warnings };
  const message = 'The other penalty is set, and the provider refuses both together; left out';
  return kept === 'frequency'
    ? {
        fields: { ...others, frequency_penalty: frequency },
        warnings: [...warnings, { option: 'presencePenalty', message }],
      }
    : {
        fields: { ...others, presence_penalty: presence },
        warnings: [...warnings, { option: 'frequencyPenalty', message }],
      };
}
