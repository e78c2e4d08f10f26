import type { ChatRequest, ResponseFormat } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { askForJson, mentionsJson } from '../json-prompt.ts';
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
  const support = supportOf(profile, format, target);
  if (format.type === 'json_schema' && support === 'native') {
    return { fields: { response_format: nativeSchema(profile, format) }, instruction: undefined, warnings: [] };
  }
  const fields = support === 'prompt' ? {} : { response_format: { type: 'json_object' } };
  // JSON mode is refused when no message contains the word.
  if (support === 'native' && mentionsJson(request.messages)) return { fields, instruction: undefined, warnings: [] };
  const who = `${target.model} on ${target.provider}`;
  const message =
    format.type === 'json_schema'
      ? `${who} follows no schema by itself; it was asked to in the prompt`
      : support === 'prompt'
        ? `${who} has no JSON mode; it was asked for JSON in the prompt`
        : 'No message mentions JSON, which JSON mode demands; a sentence that does was added';
  return { fields, instruction: askForJson(format), warnings: [{ option: 'responseFormat', message }] };
}

function supportOf({ json = {} }: Profile, format: ResponseFormat, { facts }: Target): 'native' | 'object' | 'prompt' {
  const known = facts?.structuredOutput;
  const object = known === 'none' ? 'prompt' : (json.object ?? 'native');
  if (format.type === 'json_object') return object;
  const schema = json.schema ?? 'native';
  if (schema === 'native' && (known === undefined || known === 'json_schema')) return 'native';
  return object === 'native' && schema !== 'prompt' ? 'object' : 'prompt';
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
