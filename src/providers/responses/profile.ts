import type { ModelFacts } from '../../core/model.ts';
import type { JsonWire } from '../json-support.ts';
import type { SamplingField, SamplingFields, SamplingOption } from '../sampling.ts';

type Fields = Readonly<Record<string, unknown>>;

/** All that is peculiar to one provider with a Responses wire. What is left out is as OpenAI's has it. */
export type ResponsesProfile = {
  readonly id: string;
  /** How people call the wire. Default: "Responses". */
  readonly wire?: string;
  /** Appended to the base URL. Default: "/responses". */
  readonly path?: string;
  /** Which models take this wire, and reason, where the catalogue does not tell. Default: none. */
  readonly takes?: (model: string) => boolean;
  /** What a model is taken for where the catalogue does not tell. */
  readonly assumed?: (model: string) => Partial<Pick<ModelFacts, 'reasoning'>>;
  /** Names that are written in another way than as `model`, with what is to be said about it. */
  readonly addresses?: Readonly<Record<string, { readonly fields: Fields; readonly warning?: string }>>;
  /** Differing fields; `undefined` for an option that the provider does not have. */
  readonly sampling?: Partial<Record<SamplingOption, SamplingField | undefined>>;
  /** The least that it lets a model write. */
  readonly minTokens?: number;
  /** The only types of images that it reads. */
  readonly images?: readonly string[];
  /** Longest address of an image. */
  readonly maxImageUrl?: number;
  /** `false` where an image has no `detail`. */
  readonly imageDetail?: false;
  /** Wants `type` on messages too. */
  readonly typedMessages?: true;
  /** Names that its own tools have. */
  readonly reservedTools?: readonly string[];
  /** A named tool is chosen by its name alone, without a type. */
  readonly bareChoice?: true;
  /** A call may turn out to be something else when it is complete, so nothing of it is told before. */
  readonly holdsCalls?: true;
  readonly json?: JsonWire & {
    /** A schema travels as on Chat Completions. */
    readonly responseFormat?: true;
  };
  readonly reasoning?: {
    /** Tells its thoughts in the form asked for. Without it they are told, or not, unasked. */
    readonly summary?: 'auto';
    /** Gives nothing to be sent back with the next turn. */
    readonly isLost?: true;
  };
  readonly streamOptions?: Fields;
};

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
