import type { ServerResponse } from 'node:http';
import type { Failure } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import { CallFailure, type CallOptions, withoutCall } from '../core/gateway.ts';
import { parseJson } from '../core/json.ts';
import { isJsonObject, type JsonObject } from '../core/json-object.ts';
import type { RateLimitStatus } from '../core/limits.ts';
import { type HeaderFields, headerOf } from '../http/headers.ts';
import { sendJson } from '../http/send-json.ts';
import type { CallForm, Given, RestParts } from './api.ts';
import { toErrorHeaders } from './errors.ts';
import { toRateLimitHeaders } from './rate-limit-headers.ts';
import type { RestHandler, RestRequest } from './route.ts';
import { toHeaderValue } from './x-parley.ts';

/** A decoded request, ready for the gateway. */
export type RoutedCall<Call> = {
  readonly given: Given<Call> & { readonly call: Call };
  readonly options: CallOptions;
  /** The caller's limits, once they are known. */
  readonly rateLimitStatus: () => HeaderFields;
};

/** What every call has, whatever it asks for: an id, the caller's limits in headers, and failures in the form of its API. */
export function createCallRoute<Call>(
  form: CallForm<Call>,
  { gateway: { toModelId }, onRefused }: Pick<RestParts, 'gateway' | 'onRefused'>,
  run: (call: RoutedCall<Call>, response: ServerResponse) => Promise<void>,
): RestHandler {
  async function answer(body: JsonObject, asked: Omit<RestRequest, 'body'>, response: ServerResponse): Promise<void> {
    const { caller, signal, trace, work, headers: sent } = asked;
    const callId = work.requestId;
    const lastEventId = form.resumes ? headerOf(sent['last-event-id']) : undefined;
    const { request_id: ownId } = body;
    const id = toHeaderValue(typeof ownId === 'string' ? ownId : callId);
    setId(response, id);
    let call: Call | undefined;
    let rateLimitStatus: HeaderFields = {};
    try {
      call = form.decode(body, { caller, headers: sent, toModelId });
      const onRateLimitStatus = (status: RateLimitStatus) => {
        rateLimitStatus = toRateLimitHeaders(status);
      };
      const origin = { face: 'rest', trace } as const;
      const onAdmitted = () => {
        work.isAdmitted = true;
      };
      const wantsSeals = form.hasSignatures === true;
      const options = { caller, signal, origin, onRateLimitStatus, onAdmitted, lastEventId, callId, wantsSeals };
      await run({ given: { body, id, call }, options, rateLimitStatus: () => rateLimitStatus }, response);
    } catch (thrown) {
      const failure = toFailure(thrown);
      if (!(thrown instanceof CallFailure)) {
        const requestId = typeof ownId === 'string' ? ownId : callId;
        onRefused({ face: 'rest', code: failure.error.code, caller: caller.id, requestId });
      }
      const { status, body: told } = form.toFailure(failure, { body, id, call });
      sendJson(response, status, told, { ...rateLimitStatus, ...toErrorHeaders(failure) });
    }
  }

  function setId(response: ServerResponse, id: string): void {
    response.setHeader('x-request-id', id);
    if (form.idHeader) response.setHeader(form.idHeader, id);
  }

  return async ({ body, ...asked }, response) => {
    const given = readJson(body);
    if (given) return answer(given, asked, response);
    const { requestId: id } = asked.work;
    onRefused({ face: 'rest', code: 'BAD_REQUEST', caller: asked.caller.id, requestId: id });
    setId(response, id);
    sendJson(response, 400, form.toBodyError('The body is not a JSON object.', id));
  };
}

/** A failure of the request. Anything else is a defect, which the server masks and logs. */
export function toFailure(thrown: unknown): Failure {
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
