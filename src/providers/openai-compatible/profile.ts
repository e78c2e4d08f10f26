import type { UpstreamFailure } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { FinishReason } from '../../core/completion.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { ModelFacts, Target } from '../../core/model.ts';
import type { JsonWire } from '../json-support.ts';
import type { EffortWire } from '../reasoning-effort.ts';
import type { SamplingField, SamplingFields, SamplingOption } from '../sampling.ts';

/** All that is peculiar to one provider of the OpenAI family. What is left out is as OpenAI's Chat Completions has it. */
export type Profile = {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  /** What a model is taken for where the catalogue does not tell. */
  readonly assumed?: (model: string) => Partial<Pick<ModelFacts, 'reasoning' | 'sampling'>>;
  /** Differing fields; `undefined` for an option that the provider does not have. */
  readonly sampling?: Partial<Record<SamplingOption, Partial<SamplingField> | undefined>>;
  /** The penalty that is sent where both together are refused. */
  readonly onePenalty?: 'frequency' | 'presence';
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** The most that any of its models writes. */
  readonly maxTokens?: number;
  /** One system message, and only in front. */
  readonly systemFirst?: true;
  /** User and assistant take turns, the user first and last, and nobody else speaks. */
  readonly alternatesRoles?: true;
  /** Text as a plain string always: content arrays are refused. */
  readonly plainText?: true;
  /** An assistant who only calls tools says "", not `null`. */
  readonly alwaysText?: true;
  /** `false`, or the only types of images that it reads. */
  readonly images?: false | readonly string[];
  readonly tools?: false;
  /** `false` where a tool has no `strict`. */
  readonly strictTools?: false;
  /** Tool choices that it can be held to. Without "auto" the wire has no field for it, and AUTO is what it does. */
  readonly toolChoices?: readonly ('auto' | 'none' | 'required' | 'tool')[];
  /** What it does natively for a response format; `prompt` asks for it in words, with a warning. */
  readonly json?: JsonWire & {
    /** The schema alone, without name and strictness. */
    readonly bareSchema?: true;
  };
  readonly reasoning?: ReasoningWire;
  /** Which requests it answers by streams alone. */
  readonly streamsOnly?: (request: ChatRequest, target: Target) => boolean;
  /** `false` where `stream_options` is not known. */
  readonly streamOptions?: false;
  readonly finishReasons?: Readonly<Record<string, FinishReason>>;
  /** Whether reasoning tokens are part of `completion_tokens`. */
  readonly reasoningTokens?: 'inside' | 'outside' | 'outside_when_larger';
  /** Its models write their thoughts into the text, as `<think>...</think>`; `unopened` without the opening tag. */
  readonly inlineThinking?: { readonly startsThinking?: RegExp };
  /** How its failures are read, where the common reading would take one for another. */
  readonly toFailure?: (failure: UpstreamFailure) => GatewayError;
};

export type ReasoningWire = EffortWire & {
  /** How an effort is written. Default: as `reasoning_effort`. */
  readonly write?: (effort: string, target: Target) => Readonly<Record<string, unknown>>;
  /** What it refuses as long as it reasons. Reasoning is then turned off, with a warning. */
  readonly refuses?: readonly ('forced_tool' | 'json_mode')[];
  /** Wants `reasoning_content` back on messages with tool calls. */
  readonly isReplayed?: true;
};

const openaiSampling: SamplingFields = {
  temperature: { field: 'temperature' },
  topP: { field: 'top_p' },
  frequencyPenalty: { field: 'frequency_penalty' },
  presencePenalty: { field: 'presence_penalty' },
  seed: { field: 'seed' },
  stop: { field: 'stop' },
  user: { field: 'user' },
  parallelToolCalls: { field: 'parallel_tool_calls' },
};

export function samplingFields(profile: Profile): SamplingFields {
  const fields: Record<SamplingOption, SamplingField | undefined> = { ...openaiSampling };
  for (const [option, own] of Object.entries(profile.sampling ?? {}) as [SamplingOption, SamplingField | undefined][]) {
    fields[option] = own && { ...openaiSampling[option], ...own };
  }
  return fields;
}

/** The target, with what its provider's models are taken for where the catalogue is silent. */
export function withAssumptions({ assumed }: Pick<Profile, 'assumed'>, target: Target): Target {
  if (!assumed) return target;
  const { provider, model, facts } = target;
  const known: ModelFacts = facts ?? { provider, name: model, status: 'unknown' };
  return { ...target, facts: { ...assumed(model), ...known } };
}
