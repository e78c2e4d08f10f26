import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { askForJson } from '../json-prompt.ts';
import type { ModelGeneration } from './model-generation.ts';
import { toGoogleSchema } from './schema.ts';

type EncodedFormat = {
  readonly fields: Record<string, unknown>;
  readonly instruction: string | undefined;
  readonly warnings: readonly Warning[];
};

/** What the wire supports of a response format; the rest goes into the prompt, with a warning. */
export function encodeFormat(request: ChatRequest, target: Target, generation: ModelGeneration): EncodedFormat {
  const format = request.responseFormat;
  if (!format) return { fields: {}, instruction: undefined, warnings: [] };
  // "Function calling with a response mime type: 'application/json' is unsupported" before Gemini 3.
  const clashes = request.tools.length > 0 && generation !== 'gemini-3';
  const known = target.facts?.structuredOutput ?? 'json_schema';
  const writesJson = known !== 'none' && !clashes;
  const fields = writesJson ? { responseMimeType: 'application/json' } : {};
  if (writesJson && format.type === 'json_object') return { fields, instruction: undefined, warnings: [] };
  if (writesJson && format.type === 'json_schema' && known === 'json_schema') {
    return {
      fields: { ...fields, responseJsonSchema: toGoogleSchema(format.schema) },
      instruction: undefined,
      warnings: [],
    };
  }
  const lacks = clashes
    ? 'has no JSON mode while tools are offered'
    : format.type === 'json_schema'
      ? 'supports no JSON schema natively'
      : 'has no JSON mode';
  return {
    fields,
    instruction: askForJson(format),
    warnings: [{ option: 'responseFormat', message: `${target.model} ${lacks}; JSON was requested in the prompt` }],
  };
}
