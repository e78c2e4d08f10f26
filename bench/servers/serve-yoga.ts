import { createServer } from 'node:http';
import { createYoga } from 'graphql-yoga';
import { anonymous } from '../../src/core/caller.ts';
import type { Gateway } from '../../src/core/gateway.ts';
import { schema } from '../../src/graphql/schema.ts';

/** Yoga with its defaults and Parley's schema. */
export function serveYoga(port: string | undefined, gateway: Gateway): void {
  const yoga = createYoga({
    schema,
    context: ({ request }) => {
      // Yoga's signal is not an AbortSignal on this Node version.
      const leaving = new AbortController();
      request.signal.addEventListener('abort', () => leaving.abort());
      return { gateway, caller: anonymous, signal: leaving.signal };
    },
    logging: false,
  });
  createServer(yoga).listen(Number(port), '127.0.0.1', () => console.log('ready'));
}
