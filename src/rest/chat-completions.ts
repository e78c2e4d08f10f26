import type { Completion, Warning } from '../core/completion.ts';
import type { Api } from './api.ts';
import { toChoices } from './choices.ts';
import { type ChatCall, decodeChatCall } from './decode.ts';
import { statusOf, toErrorBody, toHttpErrorBody } from './errors.ts';
import { createFieldNames } from './field-names.ts';
import { toChatCompletion } from './render.ts';
import { createChunkRenderer, createSharedEnd, doneMarker, toDataLine } from './render-stream.ts';
import { toOpenAiWarnings } from './x-parley.ts';

/** `POST /v1/chat/completions`. */
export const chatCompletions: Api<ChatCall> = {
  resumes: true,
  decode: (body, asked) => decodeChatCall(body, createFieldNames(body), asked),
  toWarnings,
  toBody: ({ n }, completions, joined, warnings) =>
    n === 1 ? toChatCompletion(joined, warnings) : toChoices(completions, joined, warnings),
  openStream(call, sent) {
    const shared = createSharedEnd(call.n);
    const renderers = sent.map((before, index) => createChunkRenderer(call, before, { index, shared }));
    return { render: (choice, batch) => renderers[choice]?.(batch) ?? '', isFailed: () => shared.isFailed };
  },
  toFailure: (failure, { body }) => ({
    status: statusOf[failure.error.code],
    body: toErrorBody(failure, createFieldNames(body)),
  }),
  toFailureEvent: (failure, { body }) => toDataLine(toErrorBody(failure, createFieldNames(body))) + doneMarker,
  toBodyError: (message) => toHttpErrorBody(400, 'BAD_REQUEST', message),
};

function toWarnings(call: ChatCall, completion: Completion): readonly Warning[] {
  return [...call.warnings, ...toOpenAiWarnings(completion.warnings, call.fieldNames)];
}
