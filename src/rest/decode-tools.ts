import { isJsonObject } from '../core/json-object.ts';
import { chatLimits } from '../core/message.ts';
import type { DecodeContext } from './decode-context.ts';

/** Tools, tool choice and response format, which OpenAI nests differently. */

export function decodeTools(tools: unknown, notes: DecodeContext): unknown {
  if (!Array.isArray(tools)) return tools;
  return notes.bounded(tools, 'tools', chatLimits.tools).map((tool, index) => {
    if (!isJsonObject(tool)) return tool;
    const { type, function: offered, ...others } = tool;
    const path = `tools[${index}]`;
    if (type !== 'function') notes.refuse(`${path}.type`, 'Expected "function"');
    notes.ignore(others, path);
    if (!isJsonObject(offered)) return offered;
    const { name, description, parameters, strict, ...more } = offered;
    notes.ignore(more, `${path}.function`);
    return { name, description, parameters, strict };
  });
}

export function decodeToolChoice(choice: unknown, notes: DecodeContext): unknown {
  if (!isJsonObject(choice)) return typeof choice === 'string' ? { mode: choice } : choice;
  const { type, function: chosen } = choice;
  const { name } = isJsonObject(chosen) ? chosen : {};
  if (type !== 'function') notes.refuse('tool_choice.type', 'Expected "function"');
  else if (typeof name !== 'string') notes.refuse('tool_choice.function.name', 'Expected the name of a tool');
  return { tool: name };
}

export function decodeResponseFormat(format: unknown, notes: DecodeContext): unknown {
  if (!isJsonObject(format)) return format;
  switch (format['type']) {
    case 'text':
      return { text: true };
    case 'json_object': {
      // llama.cpp, Together and others take a schema here, and clients such as Instructor send it so.
      const { type: _, schema, ...others } = format;
      notes.ignore(others, 'response_format');
      return isJsonObject(schema) ? { jsonSchema: { name: 'answer', schema, validate: false } } : { jsonObject: true };
    }
    case 'json_schema': {
      const { json_schema: given } = format;
      if (!isJsonObject(given)) return { jsonSchema: given ?? {} };
      const { name, description, schema, strict, validate, ...others } = given;
      notes.ignore(others, 'response_format.json_schema');
      // Without "strict: true" OpenAI's clients expect no guarantee.
      return { jsonSchema: { name, description, schema, strict, validate: validate ?? strict === true } };
    }
    default:
      notes.refuse('response_format.type', 'Expected "text", "json_object" or "json_schema"');
      return undefined;
  }
}
