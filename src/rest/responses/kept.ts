import type { ServerResponse } from 'node:http';
import type { Completion } from '../../core/completion.ts';
import { CallFailure } from '../../core/gateway.ts';
import type { JsonObject } from '../../core/json-object.ts';
import type { KeptFailure } from '../../core/kept-streams.ts';
import { forEachBatch } from '../../core/poll-stream.ts';
import { createEventStream } from '../../http/event-stream.ts';
import { sendJson } from '../../http/send-json.ts';
import type { RestParts } from '../api.ts';
import { statusOf, toErrorBody, toErrorHeaders, toHttpErrorBody } from '../errors.ts';
import type { RestHandler } from '../route.ts';
import { toOpenAiWarnings } from '../x-parley.ts';
import { keptCall } from './decode.ts';
import { toMessage, toResponse, toResponseStart, toText } from './render.ts';
import { createResponseRenderer } from './render-stream.ts';

export const responsePrefix = '/v1/responses/';
const cancelSuffix = '/cancel';

/** The methods of a path below the prefix. */
export function methodsOfResponse(path: string): 'POST' | 'GET, DELETE' {
  return path.endsWith(cancelSuffix) ? 'POST' : 'GET, DELETE';
}

/**
 * Answers that go on without their client (`background`) or are kept for it (`on_disconnect`): `GET` is the answer so far or, with
 * `?stream=true&starting_after=N`, the events after one; `POST …/cancel` stops it; `DELETE` forgets it. None costs anything.
 */
export function createResponseRoutes({ gateway: { kept }, clock, heartbeatMs }: RestParts): RestHandler {
  const { fieldNames } = keptCall;

  const follow: RestHandler = async (request, response) => {
    const events = createEventStream(response, { clock, heartbeatMs });
    try {
      // From the beginning: what the client has is read again, and not sent.
      const answer = await kept.resume(request.caller, idOf(request.path), undefined, request.signal);
      const renderer = createResponseRenderer(keptCall, startingAfter(request.url));
      await forEachBatch(answer, (batch) => events.write(renderer.render(batch)));
      events.end();
    } finally {
      events.stop();
    }
  };

  const cancel: RestHandler = async ({ caller, path }, response) => {
    const id = idOf(path);
    const outcome = await kept.stop(caller, id);
    if (outcome === 'not_found') return notFound(response);
    const body = toKept(id, await kept.result(caller, id));
    sendJson(response, 200, outcome === 'stopped' ? { ...body, status: 'cancelled' } : body);
  };

  const remove: RestHandler = async ({ caller, path }, response) => {
    const id = idOf(path);
    if (!(await kept.remove(caller, id))) return notFound(response);
    sendJson(response, 200, { id: `resp_${id}`, object: 'response', deleted: true });
  };

  function toKept(id: string, result: Completion | KeptFailure): JsonObject {
    if (!('error' in result)) {
      const body = toResponse(keptCall, { ...result, id }, toOpenAiWarnings(result.warnings, fieldNames));
      return result.isPartial ? { ...body, status: 'in_progress', usage: null } : body;
    }
    const { error } = toErrorBody(result, fieldNames);
    const { partialText = '', created, model } = result;
    const isCancelled = result.error.code === 'CANCELLED';
    return {
      ...toResponseStart(keptCall, { id, created, model }),
      status: isCancelled ? 'cancelled' : 'failed',
      error: isCancelled ? null : { code: error.code, message: error.message },
      output: partialText === '' ? [] : [toMessage(`item_${id}_0`, [toText(partialText, [])], 'incomplete')],
      x_parley: error.x_parley,
    };
  }

  return async (request, response) => {
    const { caller, path, method, url } = request;
    try {
      if (path.endsWith(cancelSuffix)) return await cancel(request, response);
      if (method === 'DELETE') return await remove(request, response);
      if (new URL(url).searchParams.get('stream') === 'true') return await follow(request, response);
      sendJson(response, 200, toKept(idOf(path), await kept.result(caller, idOf(path))));
    } catch (thrown) {
      if (!(thrown instanceof CallFailure) || response.headersSent) throw thrown;
      const { failure } = thrown;
      if (failure.error.code === 'STREAM_NOT_FOUND') return notFound(response);
      sendJson(response, statusOf[failure.error.code], toErrorBody(failure, fieldNames), toErrorHeaders(failure));
    }
  };
}

function notFound(response: ServerResponse): void {
  const message =
    'This caller has no response of this id: it had no "background" or "on_disconnect", or has expired (resume.keepMs).';
  sendJson(response, 404, toHttpErrorBody(404, 'STREAM_NOT_FOUND', message));
}

/** The id of the stream in "resp_…", or in "resp_…/cancel". */
function idOf(path: string): string {
  const id = path.slice(responsePrefix.length).replace(cancelSuffix, '');
  return id.startsWith('resp_') ? id.slice('resp_'.length) : id;
}

function startingAfter(url: string): number {
  const given = new URL(url).searchParams.get('starting_after') ?? '';
  return /^\d{1,15}$/.test(given) ? Number(given) : -1;
}
