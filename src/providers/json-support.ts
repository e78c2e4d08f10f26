import type { ResponseFormat } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';

/** How a wire and a model support a response format. */

export type JsonWire = {
  readonly object?: 'native' | 'prompt';
  readonly schema?: 'native' | 'object' | 'prompt';
};

/** Natively, as plain JSON with the schema in the prompt, or by the prompt only. */
export type JsonSupport = 'native' | 'object' | 'prompt';

export function jsonSupport(wire: JsonWire, format: ResponseFormat, { facts }: Target): JsonSupport {
  const known = facts?.structuredOutput;
  const object = known === 'none' ? 'prompt' : (wire.object ?? 'native');
  if (format.type === 'json_object') return object;
  const schema = wire.schema ?? 'native';
  if (schema === 'native' && (known === undefined || known === 'json_schema')) return 'native';
  return object === 'native' && schema !== 'prompt' ? 'object' : 'prompt';
}

/** The warning for an instruction that was added to the prompt. */
export function jsonWarning(format: ResponseFormat, support: JsonSupport, { model, provider }: Target): Warning {
  const who = `${model} on ${provider}`;
  const message =
    format.type === 'json_schema'
      ? `${who} supports no JSON schema natively; it was given in the prompt`
      : support === 'prompt'
        ? `${who} has no JSON mode; JSON was requested in the prompt`
        : 'JSON mode requires a message that mentions JSON; a sentence that does was added';
  return { option: 'responseFormat', message };
}
