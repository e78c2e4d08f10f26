import type { ServerResponse } from 'node:http';
import type { Face } from '../http/face.ts';
import { sendJson } from '../http/send-json.ts';
import type { RestParts } from './api.ts';
import { toHttpErrorBody } from './errors.ts';
import { createRestHandler } from './handler.ts';

/** OpenAI's REST paths. */
export function createRestFace(parts: RestParts): Face {
  return {
    owns: (path) => path === '/models' || path === '/v1' || path.startsWith('/v1/'),
    servesPersistedOnly: false,
    handle: createRestHandler(parts),
    refuse({ status, code, message }, response: ServerResponse) {
      sendJson(response, status, toHttpErrorBody(status, code, message));
    },
  };
}
