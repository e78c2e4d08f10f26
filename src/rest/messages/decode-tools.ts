import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import { chatLimits } from '../../core/message.ts';
import type { DecodeContext } from '../decode-context.ts';

type DecodedTools = {
  readonly input: JsonObject;
  readonly cacheControls: readonly unknown[];
  /** Tools of types that only Anthropic's own wire has: computer, text editor, memory and the like. */
  readonly foreign: readonly { readonly path: string; readonly tool: JsonObject }[];
};

/** Tools by name and schema, and those that the provider runs. */
export function decodeTools(tools: unknown, choice: unknown, notes: DecodeContext): DecodedTools {
  const own: JsonObject[] = [];
  const hosted: JsonObject[] = [];
  const foreign: { path: string; tool: JsonObject }[] = [];
  const cacheControls: unknown[] = [];
  if (tools !== undefined && tools !== null && !Array.isArray(tools)) notes.refuse('tools', 'Expected a list');
  const list = Array.isArray(tools) ? notes.bounded(tools, 'tools', chatLimits.tools) : [];
  for (const [index, tool] of list.entries()) {
    const path = `tools[${index}]`;
    if (!isJsonObject(tool)) {
      notes.refuse(path, 'Expected an object');
      continue;
    }
    const { type, name, description, input_schema, strict, cache_control, ...others } = tool;
    cacheControls.push(cache_control);
    const server = typeof type === 'string' ? serverTool(type, others) : undefined;
    if (server) hosted.push(server);
    else if (type === undefined || type === null || type === 'custom') {
      const parameters = input_schema ?? { type: 'object' };
      own.push({ name, description, parameters, strict });
      notes.ignore(others, path);
    } else foreign.push({ path: `${path}.type`, tool });
  }
  return {
    input: {
      ...(own.length > 0 && { tools: own }),
      ...(hosted.length > 0 && { serverTools: hosted }),
      ...decodeChoice(choice, own.length > 0, notes),
    },
    cacheControls,
    foreign,
  };
}

/** Their types end in a date. */
function serverTool(type: string, { max_uses, allowed_domains, blocked_domains, user_location }: JsonObject) {
  const maxUses = max_uses;
  if (/^web_search_\d{8}$/.test(type)) {
    const { type: _, ...userLocation } = isJsonObject(user_location) ? user_location : {};
    const place = isJsonObject(user_location) && { userLocation };
    return { webSearch: { maxUses, allowedDomains: allowed_domains, blockedDomains: blocked_domains, ...place } };
  }
  if (/^web_fetch_\d{8}$/.test(type)) return { urlContext: { maxUses } };
  return /^code_execution_\d{8}$/.test(type) ? { codeExecution: {} } : undefined;
}

function decodeChoice(choice: unknown, hasTools: boolean, notes: DecodeContext): JsonObject {
  if (choice === undefined || choice === null) return {};
  const { type, name, disable_parallel_tool_use: isSingle } = isJsonObject(choice) ? choice : {};
  const parallel = isSingle === true && hasTools && { parallelToolCalls: false };
  switch (type) {
    case 'auto':
      return { toolChoice: { mode: 'auto' }, ...parallel };
    case 'none':
      return { toolChoice: { mode: 'none' } };
    case 'any':
      return { toolChoice: { mode: 'required' }, ...parallel };
    case 'tool':
      return { toolChoice: { tool: name }, ...parallel };
    default:
      notes.refuse('tool_choice.type', 'Expected "auto", "any", "tool" or "none"');
      return {};
  }
}
