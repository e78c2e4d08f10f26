import type { JsonObject } from '../core/json-object.ts';

/** Names of ChatInput in one request's OpenAI form, for error messages. */
export type FieldNames = {
  /** `messages[2].parts[0].image.url` becomes `messages[2].content[0].image_url.url`. */
  path(path: string): string;
  /** The same for names in a sentence of ours. */
  text(text: string): string;
};

/** Where OpenAI nests otherwise. Everything else differs by its case alone. */
const paths: readonly (readonly [RegExp, string])[] = [
  [/^(messages\[\d+\])\.parts\b/, '$1.content'],
  [/^(messages\[\d+\]\.content\[\d+\])\.image\b/, '$1.image_url'],
  [/^(messages\[\d+\]\.content\[\d+\])\.audio\b/, '$1.input_audio'],
  [/^(messages\[\d+\]\.content\[\d+\])\.video\b/, '$1.video_url'],
  [/^(messages\[\d+\]\.toolCalls\[\d+\])\.(name|arguments)$/, '$1.function.$2'],
  [/^(tools\[\d+\])\.(name|description|parameters|strict)\b/, '$1.function.$2'],
  [/^toolChoice\.tool$/, 'toolChoice.function.name'],
  [/^toolChoice\.mode$/, 'toolChoice'],
  [/^outputModalities\b/, 'modalities'],
  [/^speech\b/, 'audio'],
  [/^promptCache\.key$/, 'prompt_cache_key'],
];

/** Names of ChatInput that OpenAI writes otherwise. A closed list, for a sentence may quote a provider. */
const names =
  /\b(?:systemMessage|topP|maxTokens|frequencyPenalty|presencePenalty|responseFormat|jsonObject|jsonSchema|reasoningEffort|toolChoice|parallelToolCalls|requestId|toolCalls|toolCallId|providerState|topK|topLogprobs|logitBias|serviceTier|reasoningBudget|promptCache|serverTools|outputModalities|providerOptions)\b/g;

export function createFieldNames(given: JsonObject): FieldNames {
  const text = (sentence: string) => sentence.replace(names, (name) => replaceNames(name, given));
  return {
    text,
    path(path) {
      if (path === 'stop[0]' && typeof given['stop'] === 'string') return 'stop';
      return text(paths.reduce((written, [path, other]) => written.replace(path, other), path));
    },
  };
}

function replaceNames(name: string, given: JsonObject): string {
  if (name === 'maxTokens' && (given['max_completion_tokens'] ?? null) !== null) return 'max_completion_tokens';
  return toSnakeCase(name);
}

export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
