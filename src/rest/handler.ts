import type { ServerResponse } from 'node:http';
import { sendJson } from '../http/send-json.ts';
import { createChatCompletions, type RestParts } from './chat-completions.ts';
import { toHttpErrorBody } from './errors.ts';
import { findModel, listModels, modelsByProvider } from './models.ts';
import type { RestHandler } from './route.ts';
import { createStreamRoutes, streamPrefix } from './streams.ts';

type Route = { readonly method: 'GET' | 'POST' | 'GET, DELETE'; readonly answer: RestHandler };

const modelPrefix = '/v1/models/';

/** Routes of OpenAI's REST API. Authentication and body limits are applied by the server. */
export function createRestHandler(parts: RestParts): RestHandler {
  const { gateway } = parts;
  const streams = createStreamRoutes(parts);
  const routes: Readonly<Record<string, Route>> = {
    '/v1/chat/completions': { method: 'POST', answer: createChatCompletions(parts) },
    '/v1/models': {
      method: 'GET',
      answer: async ({ caller }, response) => sendJson(response, 200, listModels(gateway, caller)),
    },
    '/v1/streams': { method: 'GET', answer: streams.list },
    '/models': {
      method: 'GET',
      answer: async ({ caller }, response) => sendJson(response, 200, modelsByProvider(gateway, caller)),
    },
  };
  const oneStream: Route = { method: 'GET, DELETE', answer: streams.one };
  const oneModel: Route = {
    method: 'GET',
    async answer({ path, caller }, response) {
      const found = findModel(gateway, caller, decodeId(path.slice(modelPrefix.length)));
      if (found) return sendJson(response, 200, found);
      refuse(response, 404, 'MODEL_NOT_FOUND', 'Unknown or unavailable model; see GET /v1/models.');
    },
  };

  return async (request, response) => {
    const { method, path } = request;
    const route = path.startsWith(modelPrefix) ? oneModel : path.startsWith(streamPrefix) ? oneStream : routes[path];
    if (!route) {
      const message =
        'Unknown path. Supported: POST /v1/chat/completions, GET /v1/models, GET /v1/models/{id}, GET /v1/streams, GET and DELETE /v1/streams/{id}, GET /models.';
      return refuse(response, 404, 'NOT_FOUND', message);
    }
    if (!route.method.split(', ').includes(method)) {
      response.setHeader('allow', route.method);
      return refuse(
        response,
        405,
        'METHOD_NOT_ALLOWED',
        `Method not allowed; use ${route.method.replace(', ', ' or ')}.`,
      );
    }
    return route.answer(request, response);
  };
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  sendJson(response, status, toHttpErrorBody(status, code, message));
}

/** The slash of an id may be escaped. An invalid escape names no model. */
function decodeId(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
