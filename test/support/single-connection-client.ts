import { type Client, createClient } from 'graphql-sse';
import type { StreamEvent } from './graphql-client.ts';

/** graphql-sse's own client in its single connection mode, which never repeats what it sent. */
export function openSingleConnection(url: string, headers: Record<string, string> = {}): Client<true> {
  return createClient({ url: `${url}/graphql`, singleConnection: true, retryAttempts: 0, headers });
}

/** All events of a stream, over an event stream of its own. */
export async function streamedOverSingleConnection(
  url: string,
  query: string,
  input: object,
  headers: Record<string, string> = {},
): Promise<StreamEvent[]> {
  const client = openSingleConnection(url, headers);
  const events: StreamEvent[] = [];
  try {
    const results = client.iterate<{ chatStream: StreamEvent }>({ query, variables: { input } });
    for await (const { data, errors } of results) {
      if (errors) throw new Error(errors[0]?.message);
      if (data) events.push(data.chatStream);
    }
  } finally {
    client.dispose();
  }
  return events;
}
