import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import { chatLimits } from '../../core/message.ts';
import type { DecodeContext } from '../decode-context.ts';

/** Functions, and the tools that the provider runs. */
export function decodeTools(tools: unknown, choice: unknown, notes: DecodeContext): JsonObject {
  const own: JsonObject[] = [];
  const hosted: JsonObject[] = [];
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) notes.refuse('tools', 'Expected a list');
  const list = Array.isArray(tools) ? notes.bounded(tools, 'tools', chatLimits.tools) : [];
  for (const [index, tool] of list.entries()) {
    const { type, name, description, parameters, strict, ...others } = isJsonObject(tool) ? tool : {};
    if (type === 'function') {
      own.push({ name, description, parameters, strict });
      notes.ignore(others, `tools[${index}]`);
    } else if (typeof type === 'string' && /^web_search(_preview)?(_\d{4}_\d{2}_\d{2})?$/.test(type)) {
      hosted.push(webSearch(others));
    } else if (type === 'code_interpreter') hosted.push({ codeExecution: {} });
    else notes.refuse(`tools[${index}].type`, 'Expected "function", "web_search" or "code_interpreter"');
  }
  return {
    ...(own.length > 0 && { tools: own }),
    ...(hosted.length > 0 && { serverTools: hosted }),
    toolChoice: decodeChoice(choice, notes),
  };
}

function webSearch({ user_location, filters }: JsonObject): JsonObject {
  const { type: _, ...userLocation } = isJsonObject(user_location) ? user_location : {};
  const { allowed_domains } = isJsonObject(filters) ? filters : {};
  return {
    webSearch: { allowedDomains: allowed_domains, ...(isJsonObject(user_location) && { userLocation }) },
  };
}

function decodeChoice(choice: unknown, notes: DecodeContext): JsonObject | undefined {
  if (choice === undefined || choice === null) return undefined;
  if (typeof choice === 'string') return { mode: choice };
  const { type, name } = isJsonObject(choice) ? choice : {};
  if (type === 'function') return { tool: name };
  notes.refuse('tool_choice', 'Expected "auto", "none", "required" or a function');
  return undefined;
}
