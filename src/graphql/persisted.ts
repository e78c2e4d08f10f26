import { GraphQLError, parse, specifiedRules, validate } from 'graphql';
import type { Caller } from '../core/caller.ts';
import type { AutomaticDocuments } from './automatic-documents.ts';
import { type DocumentLimits, documentRules, maxTokens } from './document-limits.ts';
import { schema } from './schema.ts';

/** Documents that may be run by their hash. A caller that may run nothing else can have a public key. */
export type Manifest = ReadonlyMap<string, string>;

/** Clients disagree on whether the hash has a "sha256:" prefix. */
export function withPlainIds(manifest: Manifest): Manifest {
  return new Map([...manifest].map(([id, document]) => [toPlainId(id), document]));
}

function toPlainId(id: string): string {
  return id.replace(/^sha256:/, '');
}

/**
 * Replaces a hash by its document. Two forms are in use: `documentId` of GraphQL over HTTP, and Apollo's
 * `extensions.persistedQuery`. Nothing is ever added to the list; what clients send with its hash is remembered apart from it.
 */
export function withDocument(
  body: unknown,
  { persistedOnly }: Pick<Caller, 'persistedOnly'>,
  manifest: Manifest,
  automatic: AutomaticDocuments | undefined,
): unknown {
  const { documentId, ...rest } = Object(body) as Parameters;
  const { query, extensions } = rest;
  const id = documentId ?? extensions?.persistedQuery?.sha256Hash;
  if (id === undefined || id === null) {
    if (persistedOnly)
      throw refusal(403, 'PERSISTED_ONLY', 'This key may only run persisted operations: send a documentId.');
    return body;
  }
  const plainId = typeof id === 'string' ? toPlainId(id) : '';
  const remembered = persistedOnly || documentId !== undefined ? undefined : automatic;
  const document = manifest.get(plainId) ?? remembered?.find(plainId);
  if (document === undefined) {
    // Apollo Client sends the hash first, and the document with it if the hash is unknown.
    if (!persistedOnly && documentId === undefined && query) {
      if (typeof query === 'string' && remembered?.add(plainId, query) === false) {
        throw refusal(400, 'BAD_REQUEST', 'The hash is not the SHA-256 of the document.');
      }
      return body;
    }
    throw refusal(404, 'PERSISTED_QUERY_NOT_FOUND', 'Unknown persisted operation: no document has this id.');
  }
  // Clients whose types require a query send an empty one.
  if (query && query !== document) {
    throw refusal(400, 'BAD_REQUEST', 'The document does not match its id. Send one of the two.');
  }
  return { ...rest, query: document };
}

type Parameters = {
  readonly documentId?: unknown;
  readonly query?: unknown;
  readonly extensions?: { readonly persistedQuery?: { readonly sha256Hash?: unknown } | null } | null;
};

function refusal(status: number, code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status } } });
}

/** Checks the documents of a list at start: one that could never run is better reported then. */
export function problemsOf(manifest: Manifest, limits: DocumentLimits): string[] {
  const rules = [...specifiedRules, ...documentRules(limits)];
  return [...manifest].flatMap(([id, text]) => {
    try {
      return validate(schema, parse(text, { maxTokens }), rules).map(({ message }) => `${id}: ${message}`);
    } catch (thrown) {
      if (!(thrown instanceof GraphQLError)) throw thrown;
      return [`${id}: ${thrown.message}`];
    }
  });
}
