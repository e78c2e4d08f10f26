import { GraphQLError } from 'graphql';
import { parseJson } from '../core/json.ts';
import type { AutomaticDocuments } from './automatic-documents.ts';
import { type Manifest, withDocument, withPlainIds } from './persisted.ts';
import type { ServerContext } from './request.ts';

/** Reads the parameters of a request. Throws a GraphQLError for a body or a document that is refused. Shared by both paths. */
export type ReadParameters = (
  context: Pick<ServerContext, 'caller'> & ({ readonly body: string } | { readonly params: unknown }),
) => unknown;

export function createParametersReader(manifest: Manifest, automatic?: AutomaticDocuments): ReadParameters {
  const documents = withPlainIds(manifest);
  return (context) =>
    withDocument('params' in context ? context.params : parseBody(context.body), context.caller, documents, automatic);
}

function parseBody(body: string): unknown {
  try {
    return parseJson(body);
  } catch {
    throw new GraphQLError('The body is not valid JSON.', {
      extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
    });
  }
}
