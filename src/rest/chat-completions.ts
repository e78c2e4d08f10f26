import type { ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject } from '../core/chat.ts';
import type { ChatEvent, Failure } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import { CallFailure, type CallOptions, type Gateway } from '../core/gateway.ts';
import { parseJson } from '../core/json.ts';
import type { Standing } from '../core/limits.ts';
import type { Observer } from '../core/observer.ts';
import { readEach } from '../core/poll-stream.ts';
import type { Clock } from '../core/ports.ts';
import { createEventStream } from '../http/event-stream.ts';
import type { HeaderFields } from '../http/headers.ts';
import { sendJson } from '../http/send-json.ts';
import { type ChatCall, decodeChatCall } from './decode.ts';
import { statusOf, toErrorBody, toErrorHeaders, toRefusalBody } from './errors.ts';
import { createSpelling } from './field-names.ts';
import { toStandingHeaders } from './rate-limit-headers.ts';
import { toChatCompletion } from './render.ts';
import { createChunkRenderer, doneMarker, toDataLine } from './render-stream.ts';
import type { RestHandler, RestRequest } from './route.ts';
import { spellWarnings, toHeaders, toTimingHeaders, toWarningHeader } from './x-parley.ts';

export type RestParts = {
  readonly gateway: Gateway;
  /** For heartbeats, which come after so long a silence. */
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly refused: Observer['refused'];
};

/** How long nothing may be said before the status is: until then a failure has one of its own. */
const firstBeatMs = 10_000;

/** `POST /v1/chat/completions`: translate, ask the gateway, write. */
export function createChatCompletions({ gateway, clock, heartbeatMs, refused }: RestParts): RestHandler {
  const beats = { clock, heartbeatMs, firstBeatMs };

  async function whole(
    call: ChatCall,
    options: CallOptions,
    standing: () => HeaderFields,
    response: ServerResponse,
  ): Promise<void> {
    const completion = await gateway.chat(call.input, options);
    const warnings = [...call.warnings, ...spellWarnings(completion.warnings, call.spelling)];
    sendJson(response, 200, toChatCompletion(completion, warnings), {
      ...standing(),
      ...toHeaders(completion, warnings),
      'x-parley-attempts': String(completion.attempts.length),
      'x-parley-latency-ms': String(completion.latencyMs),
      ...toTimingHeaders(completion),
    });
  }

  /** The status waits for the first content, so that a failure before it has its own; but it does not wait for ever. */
  async function stream(
    call: ChatCall,
    options: CallOptions,
    standing: () => HeaderFields,
    response: ServerResponse,
  ): Promise<void> {
    const events = createEventStream(response, beats, () => ({ ...standing(), ...toWarningHeader(call.warnings) }));
    const render = createChunkRenderer(call);
    try {
      const answer = await gateway.stream(call.input, options);
      await readEach(answer, (batch) => events.write(render(batch), headersOf(batch)));
      events.end();
    } catch (thrown) {
      if (!events.isOpen()) throw thrown;
      await events.write(toDataLine(toErrorBody(toFailure(thrown), call.spelling)) + doneMarker);
      events.end();
    } finally {
      events.stop();
    }
  }

  async function answer(given: JsonObject, asked: Omit<RestRequest, 'body'>, response: ServerResponse): Promise<void> {
    const { caller, signal, trace } = asked;
    const spelling = createSpelling(given);
    let standing: HeaderFields = {};
    try {
      const call = decodeChatCall(given, spelling);
      const onStanding = (told: Standing) => {
        standing = toStandingHeaders(told);
      };
      const origin = { face: 'rest', trace } as const;
      await (call.isStream ? stream : whole)(call, { caller, signal, origin, onStanding }, () => standing, response);
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (!(thrown instanceof CallFailure)) {
        const { request_id: requestId } = given;
        const own = typeof requestId === 'string' ? { requestId } : {};
        refused({ face: 'rest', code: failure.error.code, caller: caller.id, ...own });
      }
      const headers = { ...standing, ...toErrorHeaders(failure) };
      sendJson(response, statusOf[failure.error.code], toErrorBody(failure, spelling), headers);
    }
  }

  return async ({ body, ...asked }, response) => {
    const given = readJson(body);
    if (given) return answer(given, asked, response);
    refused({ face: 'rest', code: 'BAD_REQUEST', caller: asked.caller.id });
    sendJson(response, 400, toRefusalBody(400, 'BAD_REQUEST', 'The body is not a JSON object.'));
  };
}

function headersOf([first]: readonly ChatEvent[]): HeaderFields {
  if (first?.type !== 'started') return {};
  const { timeToFirstTokenMs: latencyMs, overheadMs } = first;
  return { ...toHeaders(first, []), ...toTimingHeaders({ latencyMs, overheadMs }) };
}

/** A failure of the call, or of reading the request. Anything else is a defect, which the outer listener tells and logs. */
function toFailure(thrown: unknown): Failure {
  if (thrown instanceof CallFailure) return thrown.failure;
  if (thrown instanceof GatewayError) return { ...nothingAsked, error: thrown };
  throw thrown;
}

/** The gateway has not seen it. */
const nothingAsked = {
  provider: '',
  model: '',
  attempts: [],
  usage: undefined,
  cost: undefined,
  latencyMs: 0,
  timeToFirstTokenMs: undefined,
  overheadMs: 0,
};

function readJson(body: string): JsonObject | undefined {
  try {
    const given: unknown = parseJson(body);
    return isJsonObject(given) ? given : undefined;
  } catch {
    return undefined;
  }
}
