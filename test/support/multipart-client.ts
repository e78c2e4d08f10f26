import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import type { StreamEvent } from './graphql-client.ts';

/** All events of a stream through Apollo Client's own link, which asks for the multipart protocol of subscriptions. */
export function streamedOverMultipart(url: string, query: string, input: object): Promise<StreamEvent[]> {
  const client = new ApolloClient({ link: new HttpLink({ uri: `${url}/graphql` }), cache: new InMemoryCache() });
  const asked = { query: gql(query), variables: { input }, fetchPolicy: 'no-cache' as const };
  const events: StreamEvent[] = [];
  return new Promise((resolve, reject) => {
    client.subscribe<{ chatStream: StreamEvent }>(asked).subscribe({
      next({ data, error }) {
        if (error) reject(error);
        if (data) events.push(data.chatStream);
      },
      error: reject,
      complete: () => resolve(events),
    });
  });
}
