import type { ModelFacts } from '../../core/model.ts';
import type { JsonWire } from '../json-support.ts';
import type { MediaRules } from '../media-rules.ts';
import type { PromptCacheWire } from '../prompt-cache.ts';
import type { SamplingField, SamplingFields, SamplingOption } from '../sampling.ts';
import type { ServerToolWire } from '../server-tools.ts';

type Fields = Readonly<Record<string, unknown>>;

/** What is peculiar to one provider with a Responses API. Defaults are OpenAI's. */
export type ResponsesProfile = {
  readonly id: string;
  /** Strict schemas have to be within OpenAI's subset of JSON schema, or are refused by name. */
  readonly checksStrict?: true;
  /** Public name of the API. Default: "Responses". */
  readonly wire?: string;
  /** Appended to the base URL. Default: "/responses". */
  readonly path?: string;
  /** Models that take this API and reason, where the catalogue has no facts. Default: none. */
  readonly takes?: (model: string) => boolean;
  /** Facts that are assumed where the catalogue has none. */
  readonly assumed?: (model: string) => Partial<Pick<ModelFacts, 'reasoning'>>;
  /** Models that are addressed by another field than `model`, with a warning for the caller. */
  readonly addresses?: Readonly<Record<string, { readonly fields: Fields; readonly warning?: string }>>;
  /** Differing field names; `undefined` for an option that the provider lacks. */
  readonly sampling?: Partial<Record<SamplingOption, SamplingField | undefined>>;
  /** The minimum of max_output_tokens. */
  readonly minTokens?: number;
  /** The media that it takes. Default: images and files, in results of tool calls too. */
  readonly media?: MediaRules;
  /** Maximum length of an image URL. */
  readonly maxImageUrl?: number;
  /** `false` where images have no `detail`. */
  readonly imageDetail?: false;
  /** Requires `type` on messages. */
  readonly typedMessages?: true;
  /** Tools that the provider runs. Default: none. */
  readonly serverTools?: ServerToolWire;
  readonly promptCache?: PromptCacheWire;
  /** Its models can make images. */
  readonly makesImages?: true;
  /** Names that its own tools use. */
  readonly reservedTools?: readonly string[];
  /** A named tool is chosen by its name alone, without a type. */
  readonly bareChoice?: true;
  /** A call may turn out to be something else at its end, so nothing is emitted before. */
  readonly holdsCalls?: true;
  readonly json?: JsonWire & {
    /** A schema has the form of Chat Completions. */
    readonly responseFormat?: true;
  };
  readonly reasoning?: {
    /** How reasoning is requested. Without it the provider decides. */
    readonly summary?: 'auto';
    /** Returns no state for the next turn. */
    readonly isLost?: true;
  };
  readonly streamOptions?: Fields;
};

const openaiMedia: MediaRules = { image: {}, file: {}, inToolResults: ['image', 'file'] };

export function mediaRules({ media = openaiMedia }: ResponsesProfile): MediaRules {
  return media;
}

const openaiSampling: SamplingFields = {
  temperature: { field: 'temperature' },
  topP: { field: 'top_p' },
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  seed: undefined,
  stop: undefined,
  user: { field: 'safety_identifier', maxLength: 128 },
  parallelToolCalls: { field: 'parallel_tool_calls' },
};

export function samplingFields({ sampling }: ResponsesProfile): SamplingFields {
  return { ...openaiSampling, ...sampling };
}
