import type { ServerResponse } from 'node:http';
import { CallFailure } from '../core/gateway.ts';
import type { KeptStreamInfo } from '../core/kept-streams.ts';
import { forEachBatch } from '../core/poll-stream.ts';
import { createEventStream } from '../http/event-stream.ts';
import { headerOf } from '../http/headers.ts';
import { sendJson } from '../http/send-json.ts';
import type { RestParts } from './api.ts';
import { statusOf, toErrorBody, toErrorHeaders, toHttpErrorBody } from './errors.ts';
import { createFieldNames } from './field-names.ts';
import { toChatCompletion, toUnixSeconds } from './render.ts';
import { createChunkRenderer } from './render-stream.ts';
import type { RestHandler } from './route.ts';
import { toOpenAiWarnings } from './x-parley.ts';

export const streamPrefix = '/v1/streams/';

/**
 * Streams that outlive the connection of their client: `GET /v1/streams` lists them, `GET /v1/streams/{id}` is the answer so
 * far or, for `Accept: text/event-stream`, the rest of its chunks after `Last-Event-ID`; `DELETE` stops one. None costs
 * anything.
 */
export function createStreamRoutes({ gateway, clock, heartbeatMs }: RestParts): Record<'list' | 'one', RestHandler> {
  const names = createFieldNames({});

  const follow: RestHandler = async ({ caller, path, headers, signal }, response) => {
    const events = createEventStream(response, { clock, heartbeatMs });
    try {
      const after = headerOf(headers['last-event-id']);
      const answer = await gateway.kept.resume(caller, idOf(path), after, signal);
      const render = createChunkRenderer({ includeUsage: true, warnings: [], fieldNames: names }, answer);
      await forEachBatch(answer, (batch) => events.write(render(batch), { 'x-parley-stream-id': idOf(path) }));
      events.end();
    } finally {
      events.stop();
    }
  };

  const fetchResult: RestHandler = async ({ caller, path }, response) => {
    const result = await gateway.kept.result(caller, idOf(path));
    if ('error' in result) throw new CallFailure(result);
    const completion = toChatCompletion(result, toOpenAiWarnings(result.warnings, names));
    sendJson(
      response,
      200,
      result.isPartial ? { ...completion, x_parley: { ...completion.x_parley, is_partial: true } } : completion,
    );
  };

  const stop: RestHandler = async ({ caller, path }, response) => {
    const id = idOf(path);
    const outcome = await gateway.kept.stop(caller, id);
    if (outcome !== 'not_found') return sendJson(response, 200, { id, object: 'stream', outcome });
    const message = 'This caller has no stream of this id: it was not kept, or has expired.';
    sendJson(response, 404, toHttpErrorBody(404, 'STREAM_NOT_FOUND', message));
  };

  return {
    async list({ caller }, response) {
      sendJson(response, 200, { object: 'list', data: (await gateway.kept.list(caller)).map(toStreamObject) });
    },
    async one(request, response) {
      const wantsEvents = headerOf(request.headers['accept'])?.includes('text/event-stream');
      try {
        if (request.method === 'DELETE') await stop(request, response);
        else await (wantsEvents ? follow : fetchResult)(request, response);
      } catch (thrown) {
        if (!(thrown instanceof CallFailure) || response.headersSent) throw thrown;
        refuse(thrown, response);
      }
    },
  };

  function refuse({ failure }: CallFailure, response: ServerResponse): void {
    sendJson(response, statusOf[failure.error.code], toErrorBody(failure, names), toErrorHeaders(failure));
  }
}

function idOf(path: string): string {
  return path.slice(streamPrefix.length);
}

function toStreamObject(info: KeptStreamInfo): object {
  const { streamId: id, requestId, policy, status, provider, model, startedAt, expiresAt, resumes } = info;
  return {
    ...{ id, object: 'stream', on_disconnect: policy, status, provider, model, resumes },
    created: toUnixSeconds(startedAt),
    expires_at: expiresAt ? toUnixSeconds(expiresAt) : null,
    request_id: requestId ?? null,
  };
}
