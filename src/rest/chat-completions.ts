import type { ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject } from '../core/chat.ts';
import type { ChatEvent, Failure } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import { CallFailure, type CallOptions, type Gateway, withoutCall } from '../core/gateway.ts';
import { parseJson } from '../core/json.ts';
import type { ResumedStream } from '../core/kept-streams.ts';
import type { RateLimitStatus } from '../core/limits.ts';
import type { Observer } from '../core/observer.ts';
import { forEachBatch } from '../core/poll-stream.ts';
import type { Clock } from '../core/ports.ts';
import { createEventStream } from '../http/event-stream.ts';
import { type HeaderFields, headerOf } from '../http/headers.ts';
import { sendJson } from '../http/send-json.ts';
import { type ChatCall, decodeChatCall } from './decode.ts';
import { statusOf, toErrorBody, toErrorHeaders, toHttpErrorBody } from './errors.ts';
import { createFieldNames } from './field-names.ts';
import { toRateLimitHeaders } from './rate-limit-headers.ts';
import { toChatCompletion } from './render.ts';
import { createChunkRenderer, doneMarker, toDataLine } from './render-stream.ts';
import type { RestHandler, RestRequest } from './route.ts';
import { toHeaders, toOpenAiWarnings, toTimingHeaders, toWarningHeader } from './x-parley.ts';

export type RestParts = {
  readonly gateway: Gateway;
  /** For keep-alive comments. */
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly onRefused: Observer['refused'];
};

/** How long the status line is held back: until then a failure can have a status of its own. */
const firstHeartbeatMs = 10_000;

/** `POST /v1/chat/completions`: decode, call the gateway, render. */
export function createChatCompletions({ gateway, clock, heartbeatMs, onRefused }: RestParts): RestHandler {
  const heartbeat = { clock, heartbeatMs, firstHeartbeatMs };

  async function whole(
    call: ChatCall,
    options: CallOptions,
    rateLimitStatus: () => HeaderFields,
    response: ServerResponse,
  ): Promise<void> {
    const completion = await gateway.chat(call.input, options);
    const warnings = [...call.warnings, ...toOpenAiWarnings(completion.warnings, call.fieldNames)];
    sendJson(response, 200, toChatCompletion(completion, warnings), {
      ...rateLimitStatus(),
      ...toHeaders(completion, warnings),
      'x-parley-attempts': String(completion.attempts.length),
      'x-parley-latency-ms': String(completion.latencyMs),
      ...toTimingHeaders(completion),
    });
  }

  /**
   * The status line waits for the first content, so that a failure before it has its own status, but not longer than
   * `firstHeartbeatMs`.
   */
  async function stream(
    call: ChatCall,
    options: CallOptions,
    rateLimitStatus: () => HeaderFields,
    response: ServerResponse,
  ): Promise<void> {
    const events = createEventStream(response, heartbeat, () => ({
      ...rateLimitStatus(),
      ...toWarningHeader(call.warnings),
    }));
    try {
      const answer = await gateway.stream(call.input, options);
      const render = createChunkRenderer(call, 'head' in answer ? (answer as ResumedStream) : undefined);
      await forEachBatch(answer, (batch) => events.write(render(batch), headersOf(batch)));
      events.end();
    } catch (thrown) {
      if (!events.isOpen()) throw thrown;
      await events.write(toDataLine(toErrorBody(toFailure(thrown), call.fieldNames)) + doneMarker);
      events.end();
    } finally {
      events.stop();
    }
  }

  async function answer(given: JsonObject, asked: Omit<RestRequest, 'body'>, response: ServerResponse): Promise<void> {
    const { caller, signal, trace, work, headers: sent } = asked;
    const lastEventId = headerOf(sent['last-event-id']);
    const spelling = createFieldNames(given);
    let rateLimitStatus: HeaderFields = {};
    try {
      const call = decodeChatCall(given, spelling);
      const onRateLimitStatus = (headers: RateLimitStatus) => {
        rateLimitStatus = toRateLimitHeaders(headers);
      };
      const origin = { face: 'rest', trace } as const;
      const onAdmitted = () => {
        work.isAdmitted = true;
      };
      await (call.isStream ? stream : whole)(
        call,
        { caller, signal, origin, onRateLimitStatus, onAdmitted, lastEventId },
        () => rateLimitStatus,
        response,
      );
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (!(thrown instanceof CallFailure)) {
        const { request_id: requestId } = given;
        const own = typeof requestId === 'string' ? { requestId } : {};
        onRefused({ face: 'rest', code: failure.error.code, caller: caller.id, ...own });
      }
      const headers = { ...rateLimitStatus, ...toErrorHeaders(failure) };
      sendJson(response, statusOf[failure.error.code], toErrorBody(failure, spelling), headers);
    }
  }

  return async ({ body, ...asked }, response) => {
    const given = readJson(body);
    if (given) return answer(given, asked, response);
    onRefused({ face: 'rest', code: 'BAD_REQUEST', caller: asked.caller.id });
    sendJson(response, 400, toHttpErrorBody(400, 'BAD_REQUEST', 'The body is not a JSON object.'));
  };
}

/** `x-parley-stream-id` is for streams that can be resumed. */
function headersOf([first]: readonly ChatEvent[]): HeaderFields {
  if (first?.type !== 'started') return {};
  const { timeToFirstTokenMs: latencyMs, overheadMs, streamId, cursor } = first;
  return {
    ...toHeaders(first, []),
    ...toTimingHeaders({ latencyMs, overheadMs }),
    ...(cursor !== undefined && { 'x-parley-stream-id': streamId }),
  };
}

/** A failure of the request. Anything else is a defect, which the server masks and logs. */
function toFailure(thrown: unknown): Failure {
  if (thrown instanceof CallFailure) return thrown.failure;
  if (thrown instanceof GatewayError) return withoutCall(thrown);
  throw thrown;
}

function readJson(body: string): JsonObject | undefined {
  try {
    const given: unknown = parseJson(body);
    return isJsonObject(given) ? given : undefined;
  } catch {
    return undefined;
  }
}
