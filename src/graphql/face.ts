import type { Face, PageHandler } from '../http/face.ts';
import { HttpError } from '../http/http-error.ts';
import { sendJson } from '../http/send-json.ts';
import { createGraphiqlPage } from './graphiql-page.ts';
import { createGraphQLHandler, type GraphQLOptions } from './handler.ts';

/** The GraphQL endpoint, and GraphiQL where it is on. */
export function createGraphQLFace(options: GraphQLOptions): { readonly face: Face; readonly page: PageHandler } {
  const handle = createGraphQLHandler(options);
  const face: Face = {
    owns: (path) => path === '/graphql',
    servesPersistedOnly: true,
    async handle(request, response) {
      if (request.method !== 'POST') {
        // Answers cost money: no link, image or form of another site may ask for one.
        throw new HttpError(405, 'METHOD_NOT_ALLOWED', 'Send GraphQL requests by POST.', { allow: 'POST' });
      }
      return handle(request, response);
    },
    refuse({ status, code, message }, response) {
      sendJson(response, status, { errors: [{ message, extensions: { code } }] });
    },
  };
  return { face, page: createGraphiqlPage() };
}
