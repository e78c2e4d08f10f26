import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Resolves names for a gateway that was configured to ask here (local-lookup.ts). Each look-up is one query. */
export type NameServer = AsyncDisposable & { readonly url: string };

/** Undefined: the name does not exist. */
export type NameAnswer = { readonly address: string; readonly afterMs: number } | undefined;

export async function startNameServer(answer: (name: string) => NameAnswer): Promise<NameServer> {
  const server = createServer((question, response) => {
    const answered = answer(question.url?.slice(1) ?? '');
    if (!answered) return void response.writeHead(404).end();
    const timer = setTimeout(() => response.end(answered.address), answered.afterMs);
    response.once('close', () => clearTimeout(timer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
