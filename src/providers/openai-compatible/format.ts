import type { ChatRequest, ResponseFormat } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { askForJson, mentionsJson } from '../json-prompt.ts';
import { jsonSupport, jsonWarning } from '../json-support.ts';
import { checkStrictSchema } from '../strict-schema.ts';
import type { Profile } from './profile.ts';

type EncodedFormat = {
  readonly fields: Record<string, unknown>;
  readonly instruction: string | undefined;
  readonly warnings: readonly Warning[];
};
type SchemaFormat = ResponseFormat & { type: 'json_schema' };

export function encodeFormat(profile: Profile, request: ChatRequest, target: Target): EncodedFormat {
  const format = request.responseFormat;
  if (!format) return { fields: {}, instruction: undefined, warnings: [] };
  const support = jsonSupport(profile.json ?? {}, format, target);
  if (format.type === 'json_schema' && support === 'native') {
    if (profile.checksStrict && format.strict) checkStrictSchema('responseFormat', format.name, format.schema);
    return { fields: { response_format: nativeSchema(profile, format) }, instruction: undefined, warnings: [] };
  }
  const fields = support === 'prompt' ? {} : { response_format: { type: 'json_object' } };
  // JSON mode is refused when no message contains the word.
  if (support === 'native' && mentionsJson(request.messages)) return { fields, instruction: undefined, warnings: [] };
  return { fields, instruction: askForJson(format), warnings: [jsonWarning(format, support, target)] };
}

function nativeSchema({ json }: Profile, { name, description, schema, strict }: SchemaFormat): Record<string, unknown> {
  if (json?.bareSchema) return { type: 'json_schema', json_schema: { schema } };
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description !== undefined && { description }),
      schema,
      ...(strict !== undefined && { strict }),
    },
  };
}
