import type { ChatInput } from 'parley-client';
import { newId } from './draft.ts';

/**
 * Opens a request in GraphiQL through its browser storage. A URL could carry it too, but a prompt in a URL ends up in
 * the logs of proxies. Returns false where the browser has no storage left.
 */
export function handOver(query: string, input: ChatInput): boolean {
  // The id would make the gateway refuse the repetition.
  const { requestId: _, ...rest } = input;
  const variables = JSON.stringify({ input: rest }, undefined, 2);
  const [, operationName = null] = /(?:subscription|query) (\w+)/.exec(query) ?? [];
  const tab = {
    id: newId(),
    hash: null,
    title: operationName,
    query,
    variables,
    headers: null,
    operationName,
    response: null,
  };
  try {
    const { tabs = [] } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{}');
    const all = [...tabs, tab];
    localStorage.setItem('graphiql:tabState', JSON.stringify({ tabs: all, activeTabIndex: all.length - 1 }));
    // GraphiQL opens the tab that has these.
    localStorage.setItem('graphiql:query', query);
    localStorage.setItem('graphiql:variables', variables);
    return true;
  } catch {
    return false;
  }
}

/** GraphiQL opens with the documentation of the schema beside the query. */
export function beginWithDocs(): void {
  try {
    localStorage.setItem('graphiql:visiblePlugin', 'Documentation Explorer');
  } catch {
    // No room: GraphiQL opens as it was left.
  }
}
