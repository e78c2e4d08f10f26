import type { Face, PageHandler } from '../http/face.ts';
import { sendJson } from '../http/send-json.ts';
import { createGraphiqlPage } from './graphiql-page.ts';
import { createGraphQLHandlers, type GraphQLOptions } from './handler.ts';
import { webSocketProtocol } from './web-socket.ts';

/** The GraphQL endpoint, and GraphiQL where it is on. */
export function createGraphQLFace(options: GraphQLOptions): { readonly face: Face; readonly page: PageHandler } {
  const { handle, openSocket, drain } = createGraphQLHandlers(options);
  const face: Face = {
    owns: (path) => path === '/graphql',
    servesPersistedOnly: true,
    sockets: { protocol: webSocketProtocol, open: openSocket },
    handle: async (request, response) => handle(request, response),
    drain,
    refuse({ status, code, message }, response) {
      sendJson(response, status, { errors: [{ message, extensions: { code } }] });
    },
  };
  return { face, page: createGraphiqlPage() };
}
