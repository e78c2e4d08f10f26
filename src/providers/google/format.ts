import type { ChatRequest, ResponseFormat } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import type { Generation } from './generation.ts';

type EncodedFormat = {
  readonly fields: Record<string, unknown>;
  readonly instructions: readonly string[];
  readonly warnings: readonly Warning[];
};

/** What the wire does for a response format; the rest is asked for in words, with a warning. */
export function encodeFormat(request: ChatRequest, target: Target, generation: Generation): EncodedFormat {
  const format = request.responseFormat;
  if (!format) return { fields: {}, instructions: [], warnings: [] };
  // "Function calling with a response mime type: 'application/json' is unsupported" before Gemini 3.
  const clashes = request.tools.length > 0 && generation !== 'gemini-3';
  const known = target.facts?.structuredOutput ?? 'json_schema';
  const writesJson = known !== 'none' && !clashes;
  const fields = writesJson ? { responseMimeType: 'application/json' } : {};
  if (writesJson && format.type === 'json_object') return { fields, instructions: [], warnings: [] };
  if (writesJson && format.type === 'json_schema' && known === 'json_schema') {
    return { fields: { ...fields, responseJsonSchema: format.schema }, instructions: [], warnings: [] };
  }
  const lacks = clashes
    ? 'has no JSON mode while tools are offered'
    : format.type === 'json_schema'
      ? 'follows no schema by itself'
      : 'has no JSON mode';
  return {
    fields,
    instructions: [instructionFor(format)],
    warnings: [{ option: 'responseFormat', message: `${target.model} ${lacks}; it was asked for JSON in the prompt` }],
  };
}

function instructionFor(format: ResponseFormat): string {
  const instruction = 'Answer with one JSON object and nothing else.';
  if (format.type === 'json_object') return instruction;
  return `${instruction} It must follow this JSON schema:\n${JSON.stringify(format.schema)}`;
}
