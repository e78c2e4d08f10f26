import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { askForJson } from '../json-prompt.ts';
import { toAnthropicSchema } from './schema.ts';

type EncodedFormat = {
  readonly outputConfig: Record<string, unknown>;
  readonly instruction: string | undefined;
  readonly warnings: readonly Warning[];
};

export function encodeFormat(request: ChatRequest, { model, facts }: Target): EncodedFormat {
  const { responseFormat: format } = request;
  if (!format) return { outputConfig: {}, instruction: undefined, warnings: [] };
  const known = facts?.structuredOutput;
  if (format.type === 'json_schema' && (known === undefined || known === 'json_schema')) {
    const outputConfig = { format: { type: 'json_schema', schema: toAnthropicSchema(format.schema) } };
    return { outputConfig, instruction: undefined, warnings: [] };
  }
  const lacks = format.type === 'json_schema' ? 'supports no JSON schema natively' : 'has no JSON mode';
  return {
    outputConfig: {},
    instruction: askForJson(format),
    warnings: [{ option: 'responseFormat', message: `${model} ${lacks}; JSON was requested in the prompt` }],
  };
}
