import type { ProviderEvent, ServerToolCalls } from '../../core/completion.ts';
import type { ServerToolName } from '../../core/server-tools.ts';
import { array, lookUp, nonEmptyString, object, type WireObject } from '../read-json.ts';

/** Items of tools that the provider runs. */
const names: Readonly<Record<string, ServerToolName>> = {
  web_search_call: 'web_search',
  // Perplexity's.
  search_results: 'web_search',
  fetch_url_results: 'url_context',
  code_interpreter_call: 'code_execution',
  sandbox_results: 'code_execution',
};

export function createServerToolLog() {
  const calls = new Map<number, ServerToolName>();

  function event(position: number, item: WireObject, status: 'running' | 'done' | 'failed'): readonly ProviderEvent[] {
    const name = lookUp(names, nonEmptyString(item['type']));
    if (!name) return [];
    calls.set(position, name);
    return [
      { type: 'server_tool', id: nonEmptyString(item['id']) ?? `tool_${position}`, name, status, input: inputOf(item) },
    ];
  }

  return {
    open: (position: number, item: WireObject) => event(position, item, 'running'),
    close: (position: number, item: WireObject) =>
      event(position, item, item['status'] === 'failed' ? 'failed' : 'done'),
    /** How often each tool ran. */
    counts(): { readonly serverToolCalls?: ServerToolCalls } {
      if (calls.size === 0) return {};
      const counted: Partial<Record<ServerToolName, number>> = {};
      for (const name of calls.values()) counted[name] = (counted[name] ?? 0) + 1;
      return { serverToolCalls: counted };
    },
  };
}

function inputOf({ action, code, queries }: WireObject): string | undefined {
  const { query, queries: several, url } = object(action);
  const searched = [...array(several), ...array(queries)].filter((one) => typeof one === 'string');
  return nonEmptyString(query) ?? nonEmptyString(url) ?? nonEmptyString(code) ?? nonEmptyString(searched.join(', '));
}
