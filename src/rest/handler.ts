import type { ServerResponse } from 'node:http';
import { sendJson } from '../http/send-json.ts';
import { unknownPath } from '../http/unknown-path.ts';
import type { RestParts } from './api.ts';
import { chatCompletions } from './chat-completions.ts';
import { completions } from './completions.ts';
import { createEmbeddings } from './embeddings.ts';
import { toHttpErrorBody } from './errors.ts';
import { toModelInfo, toModelPage } from './messages/models.ts';
import { findModel, listModels, modelsByProvider } from './models.ts';
import { responses } from './responses/api.ts';
import { createResponseRoutes, methodsOfResponse, responsePrefix } from './responses/kept.ts';
import type { RestHandler, RestRequest } from './route.ts';
import { serveCalls } from './serve-calls.ts';
import { createStreamRoutes, streamPrefix } from './streams.ts';

type Route = { readonly method: 'GET' | 'POST' | 'GET, DELETE'; readonly answer: RestHandler };

const modelPrefix = '/v1/models/';

/** Routes of OpenAI's REST API. Authentication and body limits are applied by the server. */
export function createRestHandler(parts: RestParts): RestHandler {
  const { gateway } = parts;
  const streams = createStreamRoutes(parts);
  const routes: Readonly<Record<string, Route>> = {
    '/v1/chat/completions': { method: 'POST', answer: serveCalls(chatCompletions, parts) },
    '/v1/completions': { method: 'POST', answer: serveCalls(completions, parts) },
    '/v1/embeddings': { method: 'POST', answer: createEmbeddings(parts) },
    '/v1/responses': { method: 'POST', answer: serveCalls(responses, parts) },
    '/v1/models': {
      method: 'GET',
      async answer({ caller, headers }, response) {
        const list = listModels(gateway, caller);
        sendJson(response, 200, isAnthropics(headers) ? toModelPage(list.data) : list);
      },
    },
    '/v1/streams': { method: 'GET', answer: streams.list },
    '/models': {
      method: 'GET',
      answer: async ({ caller }, response) => sendJson(response, 200, modelsByProvider(gateway, caller)),
    },
  };
  const oneResponse = createResponseRoutes(parts);
  const oneStream: Route = { method: 'GET, DELETE', answer: streams.one };
  const oneModel: Route = {
    method: 'GET',
    async answer({ path, caller, headers }, response) {
      const found = findModel(gateway, caller, decodeId(path.slice(modelPrefix.length)));
      if (found) return sendJson(response, 200, isAnthropics(headers) ? toModelInfo(found) : found);
      refuse(response, 404, 'MODEL_NOT_FOUND', 'Unknown or unavailable model; see GET /v1/models.');
    },
  };

  /** Paths that end in an id. */
  function routeBelow(path: string): Route | undefined {
    if (path.startsWith(modelPrefix)) return oneModel;
    if (path.startsWith(streamPrefix)) return oneStream;
    return path.startsWith(responsePrefix) ? { method: methodsOfResponse(path), answer: oneResponse } : undefined;
  }

  return async (request, response) => {
    const { path } = request;
    // Node leaves the body out.
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const route = routes[path] ?? routeBelow(path);
    if (!route) {
      const { status, code, message } = unknownPath(request.method, path);
      return refuse(response, status, code, message);
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

/** Anthropic's SDKs name the version of their API. Their list has another shape under the same path. */
function isAnthropics(headers: RestRequest['headers']): boolean {
  return headers['anthropic-version'] !== undefined;
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
