import { HttpError } from './http-error.ts';

const known =
  'Supported: /graphql; POST /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/responses, /v1/messages, /v1/messages/count_tokens; GET /v1/models, /v1/models/{id}, /v1/streams, /models; GET and DELETE /v1/streams/{id}, /v1/responses/{id}; POST /v1/responses/{id}/cancel.';

const endings =
  /^\/(?:api\/|openai\/)?(?:v1\/)?(chat\/completions|completions|embeddings|responses|messages|models|streams)$/;

/** OpenAI's sentence, which says more than its status: many clients are configured without "/v1". */
export function unknownPath(method: string, path: string): HttpError {
  const shown = path.slice(0, 100);
  const meant = endings.exec(shown)?.[1];
  const hint = meant ? `Did you mean /v1/${meant}? ` : '';
  return new HttpError(404, 'NOT_FOUND', `Unknown request URL: ${method} ${shown}. ${hint}${known}`);
}
