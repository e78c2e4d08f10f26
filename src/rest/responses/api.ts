import type { Completion, Warning } from '../../core/completion.ts';
import type { Api } from '../api.ts';
import { statusOf, toErrorBody, toHttpErrorBody } from '../errors.ts';
import { toOpenAiWarnings } from '../x-parley.ts';
import { decodeResponsesCall, type ResponsesCall } from './decode.ts';
import { createResponsesNames } from './field-names.ts';
import { toResponse, toResponseStart } from './render.ts';
import { createResponseRenderer } from './render-stream.ts';

/** `POST /v1/responses`: OpenAI's Responses API, for the models of any provider. */
export const responses: Api<ResponsesCall> = {
  decode: decodeResponsesCall,
  toWarnings,
  toBody: (call, [completion], _joined, warnings) => toResponse(call, completion, warnings),
  toPending(call, streamId, created) {
    const head = { id: streamId, created, model: String(call.input['model']) };
    return call.isBackground ? { ...toResponseStart(call, head), status: 'queued' } : undefined;
  },
  openStream(call) {
    const renderer = createResponseRenderer(call);
    return { render: (_choice, batch) => renderer.render(batch), isFailed: renderer.isFailed };
  },
  toFailure: (failure, { call }) => ({
    status: statusOf[failure.error.code],
    body: toErrorBody(failure, call?.fieldNames ?? asGiven),
  }),
  toFailureEvent(failure, { call }) {
    const { error } = toErrorBody(failure, call?.fieldNames ?? asGiven);
    const { code, message, param } = error;
    return `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: 0, code, message, param, error })}\n\n`;
  },
  toBodyError: (message) => toHttpErrorBody(400, 'BAD_REQUEST', message),
};

/** Issues that were found while the request was decoded have its own names. */
const asGiven = { path: (path: string) => path, text: createResponsesNames([]).text };

function toWarnings(call: ResponsesCall, { warnings }: Completion): readonly Warning[] {
  return [...call.warnings, ...toOpenAiWarnings(warnings, call.fieldNames)];
}
