import type { FieldNames } from '../field-names.ts';
import { createPlacedNames, type NameRules, type Place } from '../placed-names.ts';

const fields: NameRules = [
  [/^maxTokens$/, 'max_output_tokens'],
  [/^reasoningEffort$/, 'reasoning.effort'],
  [/^responseFormat(\.jsonSchema)?\b/, 'text.format'],
  [/^verbosity$/, 'text.verbosity'],
  [/^toolChoice\.tool$/, 'tool_choice.name'],
  [/^toolChoice\.mode$/, 'tool_choice'],
  [/^promptCache\.key$/, 'prompt_cache_key'],
];

const ofMessages: NameRules = [
  [/^\.parts\b/, '.content'],
  [/^\.toolCallId$/, '.call_id'],
  [/^\.toolCalls\[\d+\]\.id$/, '.call_id'],
  [/^\.toolCalls\[\d+\]/, ''],
  [/^\.image\b/, '.image_url'],
  [/^\.file\b/, '.file_data'],
  [/^\.audio\b/, '.input_audio'],
];

/** Names of ChatInput in the words of the Responses API. */
export function createResponsesNames(places: readonly Place[]): FieldNames {
  return createPlacedNames(places, fields, ofMessages);
}
