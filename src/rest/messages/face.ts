import type { Face } from '../../http/face.ts';
import { sendJson } from '../../http/send-json.ts';
import { unknownPath } from '../../http/unknown-path.ts';
import type { RestParts } from '../api.ts';
import type { RestHandler } from '../route.ts';
import { serveCalls } from '../serve-calls.ts';
import { messages } from './api.ts';
import { createCountTokens } from './count-tokens.ts';
import { toError } from './errors.ts';

const path = '/v1/messages';

/** Anthropic's paths. */
export function createMessagesFace(parts: RestParts): Face {
  const routes: Readonly<Record<string, RestHandler>> = {
    [path]: serveCalls(messages, parts),
    [`${path}/count_tokens`]: createCountTokens(parts),
  };
  return {
    owns: (asked) => asked === path || asked.startsWith(`${path}/`),
    servesPersistedOnly: false,
    async handle(request, response) {
      const route = routes[request.path];
      if (!route) {
        const { status, message } = unknownPath(request.method, request.path);
        return sendJson(response, status, toError(status, message, null));
      }
      if (request.method === 'POST') return route(request, response);
      response.setHeader('allow', 'POST');
      sendJson(response, 405, toError(405, 'Method not allowed; use POST.', null));
    },
    refuse({ status, message, code }, response) {
      sendJson(response, status, toError(status, message, null, { code }));
    },
  };
}
