import { type Client, type ClientOptions, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { StreamEvent } from './graphql-client.ts';

/** graphql-ws's own client, which never repeats what it sent. */
export function openSocketClient(url: string, options: Partial<ClientOptions> = {}): Client {
  return createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: true,
    ...options,
  });
}

/** All events of a stream over a connection of its own. */
export async function streamedOverSocket(url: string, query: string, input: object): Promise<StreamEvent[]> {
  const client = openSocketClient(url);
  const events: StreamEvent[] = [];
  try {
    for await (const { data, errors } of client.iterate<{ chatStream: StreamEvent }>({ query, variables: { input } })) {
      if (errors) throw new Error(errors[0]?.message);
      if (data) events.push(data.chatStream);
    }
  } finally {
    await client.dispose();
  }
  return events;
}
