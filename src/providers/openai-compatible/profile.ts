import type { UpstreamFailure } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { FinishReason } from '../../core/completion.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { ModelFacts, Target } from '../../core/model.ts';
import type { FillIn } from '../fill-in.ts';
import type { JsonWire } from '../json-support.ts';
import type { MediaRules } from '../media-rules.ts';
import type { PromptCacheWire } from '../prompt-cache.ts';
import type { EffortWire } from '../reasoning-effort.ts';
import type { SamplingField, SamplingFields, SamplingOption } from '../sampling.ts';
import type { ServerToolWire } from '../server-tools.ts';

import type { EmbeddingsProfile } from './embed.ts';

/** What is peculiar to one provider of the OpenAI family. Defaults are OpenAI's Chat Completions. */
export type Profile = {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  /** Where its models fill in the middle. Default: they do not. */
  readonly fillIn?: FillIn;
  /** Default: it has none. */
  readonly embeddings?: EmbeddingsProfile;
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
  /** The media that it takes. Default: images, PDFs, and sound as OpenAI has them, and `video_url` as servers have it. */
  readonly media?: MediaRules;
  /** Tools that the provider runs. Default: none. */
  readonly serverTools?: ServerToolWire;
  readonly promptCache?: PromptCacheWire;
  /** Its models may answer with sound, as OpenAI's. */
  readonly speaks?: true;
  /** Refuses fields that it does not know. */
  readonly isStrict?: true;
  /** How files are encoded. Default: `file` with `file_data`. */
  readonly files?: 'document_url';
  /** Sound is one string, a URL or base64 (Mistral), or a URL of either kind (Qwen). Default: OpenAI's `data` and `format`. */
  readonly audio?: 'string' | 'data-url';
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
  /** How a budget in tokens is encoded. Absent: the wire has none. */
  readonly writeBudget?: (tokens: number) => Readonly<Record<string, unknown>>;
  /** Options that it refuses while it reasons. Reasoning is then turned off, with a warning. */
  readonly refuses?: readonly ('forced_tool' | 'json_mode')[];
  /** Requires `reasoning_content` back on messages with tool calls. */
  readonly isReplayed?: true;
};

const openaiMedia: MediaRules = {
  image: {},
  file: { types: ['application/pdf'], form: 'data' },
  audio: { types: ['audio/wav', 'audio/mpeg'], form: 'data' },
  video: {},
};

export function mediaRules({ media = openaiMedia }: Profile): MediaRules {
  return media;
}

const openaiSampling: SamplingFields = {
  temperature: { field: 'temperature' },
  topP: { field: 'top_p' },
  frequencyPenalty: { field: 'frequency_penalty' },
  presencePenalty: { field: 'presence_penalty' },
  seed: { field: 'seed' },
  stop: { field: 'stop' },
  user: { field: 'user' },
  parallelToolCalls: { field: 'parallel_tool_calls' },
  logitBias: { field: 'logit_bias', isSampling: true },
  logprobs: { field: 'logprobs', isSampling: true },
  topLogprobs: { field: 'top_logprobs', isSampling: true },
};

export function samplingFields(profile: Profile): SamplingFields {
  const fields: { [option in SamplingOption]?: SamplingField | undefined } = { ...openaiSampling };
  for (const [option, own] of Object.entries(profile.sampling ?? {}) as [SamplingOption, SamplingField | undefined][]) {
    fields[option] = own && ({ ...openaiSampling[option], ...own } as SamplingField);
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
