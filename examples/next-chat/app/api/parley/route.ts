import { documentIds } from 'parley-client/document-ids';

/** The page's way to the gateway: known operations only, with the key, the model and the limit of this server. */

const gateway = process.env['PARLEY_URL'] ?? 'http://127.0.0.1:4000';
const key = process.env['PARLEY_KEY'];
const model = process.env['PARLEY_MODEL'] ?? 'openai/gpt-4o-mini';
/** For a gateway that knows the operations (persisted-operations.json), ids are enough. */
const isPersisted = process.env['PARLEY_PERSISTED'] === '1';
const documents = new Map(Object.entries(documentIds).map(([document, id]) => [id, document]));

type Asked = { readonly documentId?: unknown; readonly variables?: Record<string, unknown> | undefined };

export async function POST(request: Request): Promise<Response> {
  const asked: Asked | undefined = await request.json().catch(() => undefined);
  const { documentId, variables } = asked ?? {};
  const query = documents.get(String(documentId));
  if (!query) return refuse('This server runs known operations only.');
  const { messages, requestId, onDisconnect } = (variables?.['input'] ?? {}) as Record<string, unknown>;
  // What a page may say. Everything else is this server's choice.
  const input = { messages, requestId, onDisconnect, model, maxTokens: 1_000 };
  const answer = await fetch(`${gateway}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: request.headers.get('accept') ?? 'application/json',
      ...(key && { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify({
      ...(isPersisted ? { documentId } : { query }),
      variables: { ...variables, ...(variables?.['input'] !== undefined && { input }) },
    }),
    // A page that leaves ends the stream; the gateway then waits for it, or stops the model.
    signal: request.signal,
  });
  const type = answer.headers.get('content-type') ?? 'application/json';
  return new Response(answer.body, {
    status: answer.status,
    headers: { 'content-type': type, 'cache-control': 'no-store' },
  });
}

function refuse(message: string): Response {
  return Response.json({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] }, { status: 400 });
}
