import type { ChatRequest } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';
import type { ServerTool, ServerToolName, UserLocation, WebSearch } from '../core/server-tools.ts';
import { refuse } from './capability-checks.ts';

/** Tools that a provider runs itself, as its wire asks for them. */

type Fields = Readonly<Record<string, unknown>>;

/** One tool on a wire. */
export type EncodedServerTool = {
  /** An entry of `tools`. */
  readonly tool?: Fields;
  /** Fields of the body. */
  readonly fields?: Fields;
  /** Options of the tool that the wire lacks. Limits of sources are refused, all others left out with a warning. */
  readonly lost?: readonly (string | false | undefined)[];
};

/** How a wire asks for each tool. A tool that is absent is refused. */
export type ServerToolWire = {
  readonly web_search?: (tool: WebSearch, target: Target) => EncodedServerTool | undefined;
  readonly code_execution?: (target: Target) => EncodedServerTool | undefined;
  readonly url_context?: (tool: ServerTool & { name: 'url_context' }, target: Target) => EncodedServerTool | undefined;
};

export type EncodedServerTools = {
  readonly tools: readonly Fields[];
  readonly fields: Fields;
  readonly warnings: readonly Warning[];
};

const publicNames: Readonly<Record<ServerToolName, string>> = {
  web_search: 'webSearch',
  code_execution: 'codeExecution',
  url_context: 'urlContext',
};

const none: EncodedServerTools = { tools: [], fields: {}, warnings: [] };

export function encodeServerTools(
  { serverTools }: ChatRequest,
  target: Target,
  wire: ServerToolWire = {},
): EncodedServerTools {
  if (!serverTools) return none;
  const warnings: Warning[] = [];
  const encoded = serverTools.map((tool) => {
    const name = publicNames[tool.name];
    const known = target.facts?.serverTools;
    const written = known?.includes(tool.name) === false ? undefined : encodeTool(tool, target, wire);
    if (!written) refuse('serverTools', `${target.model} on ${target.provider} does not run ${name}.`);
    for (const option of written.lost ?? []) {
      if (!option) continue;
      if (option.endsWith('Domains')) refuse('serverTools', `${target.provider} has no ${option} for ${name}.`);
      warnings.push({ option: 'serverTools', message: `${target.provider} has no ${option} for ${name}; left out` });
    }
    return written;
  });
  return {
    tools: encoded.flatMap(({ tool }) => (tool ? [tool] : [])),
    fields: Object.assign({}, ...encoded.map(({ fields }) => fields)),
    warnings,
  };
}

function encodeTool(tool: ServerTool, target: Target, wire: ServerToolWire): EncodedServerTool | undefined {
  switch (tool.name) {
    case 'web_search':
      return wire.web_search?.(tool, target);
    case 'code_execution':
      return wire.code_execution?.(target);
    case 'url_context':
      return wire.url_context?.(tool, target);
  }
}

/** The options of a search that were given, among those that a wire lacks. */
export function lostOf(tool: WebSearch, ...options: readonly (keyof WebSearch)[]): readonly (string | false)[] {
  return options.map((option) => tool[option] !== undefined && option);
}

/** OpenAI's form of a place, which most wires share. */
export function approximate(location: UserLocation | undefined): Fields {
  return location ? { user_location: { type: 'approximate', ...given(location) } } : {};
}

export function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
