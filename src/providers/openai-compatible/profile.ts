import type { UpstreamFailure } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { FinishReason } from '../../core/completion.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Target } from '../../core/model.ts';
import type { SamplingField, SamplingFields, SamplingOption } from '../sampling.ts';

/** All that is peculiar to one provider of the OpenAI family. What is left out is as OpenAI's Chat Completions has it. */
export type Profile = {
  readonly id: string;
  readonly name: string;
  readonly baseUrl: string;
  /** Differing fields; `undefined` for an option that the provider does not have. */
  readonly sampling?: Partial<Record<SamplingOption, Partial<SamplingField> | undefined>>;
  readonly maxTokensField?: 'max_tokens' | 'max_completion_tokens';
  /** One system message, and only in front. */
  readonly systemFirst?: true;
  /** Text as a plain string always: content arrays are refused. */
  readonly plainText?: true;
  readonly images?: false;
  readonly tools?: false;
  /** Tool choices that it can be held to. */
  readonly toolChoices?: readonly ('auto' | 'none' | 'required' | 'tool')[];
  /** What it does natively for a response format; `prompt` asks for it in words, with a warning. */
  readonly json?: {
    readonly object?: 'native' | 'prompt';
    readonly schema?: 'native' | 'object' | 'prompt';
    /** The schema alone, without name and strictness. */
    readonly bareSchema?: true;
  };
  /** How a reasoning effort is written. */
  readonly reasoning?: (effort: string, request: ChatRequest, target: Target) => Readonly<Record<string, unknown>>;
  /** `false` where `stream_options` is not known. */
  readonly streamOptions?: false;
  readonly finishReasons?: Readonly<Record<string, FinishReason>>;
  /** Whether reasoning tokens are part of `completion_tokens`. */
  readonly reasoningTokens?: 'inside' | 'outside' | 'outside_when_larger';
  /** How its failures are read, where the common reading would take one for another. */
  readonly toFailure?: (failure: UpstreamFailure) => GatewayError;
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
