import type { ChatRequest, ResponseFormat } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { askForJson, mentionsJson } from '../json-prompt.ts';

type EncodedFormat = {
  readonly fields: Record<string, unknown>;
  readonly instruction: string | undefined;
  readonly warnings: readonly Warning[];
};

const plainJson = { response_format: { type: 'json_object' } };

export function encodeFormat(request: ChatRequest, target: Target): EncodedFormat {
  const format = request.responseFormat;
  if (!format) return { fields: {}, instruction: undefined, warnings: [] };
  const known = target.facts?.structuredOutput;
  if (request.tools.length > 0) {
    return ask(
      format,
      {},
      'cohere does not support a response format together with tools; JSON was requested in the prompt',
    );
  }
  if (known === 'none') {
    return ask(format, {}, `${target.model} has no JSON mode; JSON was requested in the prompt`);
  }
  if (format.type === 'json_schema') {
    if (known !== 'json_object') return { fields: withSchema(format), instruction: undefined, warnings: [] };
    return ask(format, plainJson, `${target.model} supports no JSON schema natively; it was given in the prompt`);
  }
  // "Otherwise the model may end up getting stuck generating an infinite stream of characters", says the guide.
  if (mentionsJson(request.messages)) return { fields: plainJson, instruction: undefined, warnings: [] };
  return ask(format, plainJson, 'JSON mode requires a message that mentions JSON; a sentence that does was added');
}

function ask(format: ResponseFormat, fields: Record<string, unknown>, message: string): EncodedFormat {
  return { fields, instruction: askForJson(format), warnings: [{ option: 'responseFormat', message }] };
}

/** The schema is always followed strictly; the wire has no field for its name. */
function withSchema({ description, schema }: ResponseFormat & { type: 'json_schema' }): Record<string, unknown> {
  const described = description === undefined ? schema : { description, ...schema };
  return { response_format: { type: 'json_object', json_schema: described } };
}
