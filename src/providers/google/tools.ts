import type { ChatRequest } from '../../core/chat.ts';
import type { JsonObject } from '../../core/json-object.ts';
import { object } from '../read-json.ts';
import { toGoogleSchema } from './schema.ts';

type Fields = Record<string, unknown>;

export function encodeTools({ tools, toolChoice }: ChatRequest): Fields {
  if (tools.length === 0) return {};
  const functionDeclarations = tools.map(({ name, description, parameters }) => ({
    name,
    ...(description !== undefined && { description }),
    ...(parameters && !takesNothing(parameters) && { parametersJsonSchema: toGoogleSchema(parameters) }),
  }));
  const isStrict = tools.some(({ strict }) => strict === true);
  const functionCallingConfig = encodeChoice(toolChoice, isStrict);
  return { tools: [{ functionDeclarations }], ...(functionCallingConfig && { toolConfig: { functionCallingConfig } }) };
}

/** ANY holds calls to their schema, and so does VALIDATED, which leaves the model free to answer in text. */
function encodeChoice(choice: ChatRequest['toolChoice'], isStrict: boolean): Fields | undefined {
  if (typeof choice === 'object') return { mode: 'ANY', allowedFunctionNames: [choice.tool] };
  switch (choice) {
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    case 'auto':
      return { mode: isStrict ? 'VALIDATED' : 'AUTO' };
    case undefined:
      return isStrict ? { mode: 'VALIDATED' } : undefined;
  }
}

/** Keywords that mean nothing for an object without properties. */
const idle = new Set(['$schema', 'title', 'description', 'type', 'properties', 'required', 'additionalProperties']);

/** An object schema without properties is refused; a function without parameters is not. */
function takesNothing(schema: JsonObject): boolean {
  return (
    Object.keys(schema).every((keyword) => idle.has(keyword)) &&
    Object.keys(object(schema['properties'])).length === 0 &&
    !schema['additionalProperties']
  );
}
