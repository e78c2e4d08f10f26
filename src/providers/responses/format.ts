import type { ChatRequest, ResponseFormat } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Message } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { askForJson, mentionsJson, withInstruction } from '../json-prompt.ts';
import { jsonSupport, jsonWarning } from '../json-support.ts';
import { checkStrictSchema } from '../strict-schema.ts';
import type { ResponsesProfile } from './profile.ts';

type EncodedFormat = {
  readonly fields: Readonly<Record<string, unknown>>;
  /** The messages, with an added instruction where one is needed. */
  readonly messages: readonly Message[];
  /** Instructions have to be in the input: JSON mode looks for the word "JSON" only there. */
  readonly isInInput: boolean;
  readonly warnings: readonly Warning[];
};

export function encodeFormat(profile: ResponsesProfile, request: ChatRequest, target: Target): EncodedFormat {
  const { messages, responseFormat: format } = request;
  if (!format) return { fields: {}, messages, isInInput: false, warnings: [] };
  const support = jsonSupport(profile.json ?? {}, format, target);
  if (format.type === 'json_schema' && support === 'native') {
    if (profile.checksStrict && format.strict) checkStrictSchema('responseFormat', format.name, format.schema);
    return { fields: schemaFields(profile, format), messages, isInInput: false, warnings: [] };
  }
  const isMode = support !== 'prompt';
  const fields = isMode ? { text: { format: { type: 'json_object' } } } : {};
  const isInInput = isMode && !mentionsJson(messages.filter(({ role }) => role !== 'system'));
  if (support === 'native' && mentionsJson(messages)) return { fields, messages, isInInput, warnings: [] };
  return {
    fields,
    messages: withInstruction(messages, askForJson(format)),
    isInInput,
    warnings: [jsonWarning(format, support, target)],
  };
}

function schemaFields(
  { json }: ResponsesProfile,
  { name, description, schema, strict }: ResponseFormat & { type: 'json_schema' },
): Record<string, unknown> {
  const written = {
    name,
    ...(description !== undefined && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  };
  return json?.responseFormat
    ? { response_format: { type: 'json_schema', json_schema: written } }
    : { text: { format: { type: 'json_schema', ...written } } };
}
