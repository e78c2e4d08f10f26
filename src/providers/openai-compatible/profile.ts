import type { UpstreamFailure } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { FinishReason } from '../../core/completion.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { ModelFacts, Target } from '../../core/model.ts';
import type { JsonWire } from '../json-support.ts';
import type { EffortWire } from '../reasoning-effort.ts';
import type { SamplingField, SamplingFields, SamplingOption } from '../sampling.ts';

/** What is peculiar to one provider of the OpenAI family. Defaults are OpenAI's Chat Completions. */
export type Profile = {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  /** Facts that are assumed for models where the catalogue has none. */
  readonly assumed?: (model: string) => Partial<Pick<ModelFacts, 'reasoning' | 'sampling'>>;
  /** Differing field names; `undefined` for an option that the provider lacks. */
  readonly sampling?: Partial<Record<SamplingOption, Partial<SamplingField> | undefined>>;
  /** The penalty that is sent where both together are refused. */
  readonly onePenalty?: 'frequency' | 'presence';
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** The most that any of its models writes. */
  readonly maxTokens?: number;
  /** One system message, and only in front. */
  readonly systemFirst?: true;
  /** User and assistant alternate, the user is first and last, and no other role exists. */
  readonly alternatesRoles?: true;
  /** Text is always a plain string: content arrays are refused. */
  readonly plainText?: true;
  /** An assistant message with only tool calls has "" as content, not `null`. */
  readonly alwaysText?: true;
  /** `false`, or the only image types that it reads. */
  readonly images?: false | readonly string[];
  readonly tools?: false;
  /** `false` where tools have no `strict`. */
  readonly strictTools?: false;
  /** Supported tool choices. Without "auto" the wire has no field for it, and AUTO is the default. */
  readonly toolChoices?: readonly ('auto' | 'none' | 'required' | 'tool')[];
  /** Native support for response formats; `prompt` asks in the prompt, with a warning. */
  readonly json?: JsonWire & {
    /** The schema alone, without name and strictness. */
    readonly bareSchema?: true;
  };
  /** Strict schemas have to be within OpenAI's subset of JSON schema, or are refused by name. */
  readonly checksStrict?: true;
  readonly reasoning?: ReasoningWire;
  /** Requests that it answers by a stream only. */
  readonly streamsOnly?: (request: ChatRequest, target: Target) => boolean;
  /** `false` where `stream_options` is unknown. */
  readonly streamOptions?: false;
  readonly finishReasons?: Readonly<Record<string, FinishReason>>;
  /** Whether reasoning tokens are part of `completion_tokens`. */
  readonly reasoningTokens?: 'inside' | 'outside' | 'outside_when_larger';
  /** Its models write reasoning into the text as `<think>...</think>`; `startsThinking` without the opening tag. */
  readonly inlineThinking?: { readonly startsThinking?: RegExp };
  /** Decodes failures that the common way would misread. */
  readonly toFailure?: (failure: UpstreamFailure) => GatewayError;
};

export type ReasoningWire = EffortWire & {
  /** How an effort is encoded. Default: `reasoning_effort`. */
  readonly write?: (effort: string, target: Target) => Readonly<Record<string, unknown>>;
  /** Options that it refuses while it reasons. Reasoning is then turned off, with a warning. */
  readonly refuses?: readonly ('forced_tool' | 'json_mode')[];
  /** Requires `reasoning_content` back on messages with tool calls. */
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

/** The target with the assumed facts where the catalogue has none. */
export function withAssumptions({ assumed }: Pick<Profile, 'assumed'>, target: Target): Target {
  if (!assumed) return target;
  const { provider, model, facts } = target;
  const known: ModelFacts = facts ?? { provider, name: model, status: 'unknown' };
  return { ...target, facts: { ...assumed(model), ...known } };
}
