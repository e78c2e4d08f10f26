import type { FieldNames } from '../field-names.ts';
import { createPlacedNames, type NameRules, type Place } from '../placed-names.ts';

const fields: NameRules = [
  [/^stop\b/, 'stop_sequences'],
  [/^(tools\[\d+\])\.parameters\b/, '$1.input_schema'],
  [/^reasoningBudget$/, 'thinking.budget_tokens'],
  [/^reasoningEffort$/, 'output_config.effort'],
  [/^responseFormat(\.jsonSchema)?\b/, 'output_config.format'],
  [/^user$/, 'metadata.user_id'],
  [/^toolChoice\.tool$/, 'tool_choice.name'],
  [/^toolChoice\.mode$/, 'tool_choice.type'],
];

const ofMessages: NameRules = [
  [/^\.parts\b/, '.content'],
  [/^\.toolCallId$/, '.tool_use_id'],
  [/^\.isError$/, '.is_error'],
  [/^\.(image|file)\.(url|data|mediaType)$/, '.source.$2'],
];

/** Names of ChatInput in Anthropic's words. */
export function createMessagesNames(places: readonly Place[]): FieldNames {
  return createPlacedNames(places, fields, ofMessages);
}
