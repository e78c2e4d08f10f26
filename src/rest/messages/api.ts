import type { Completion, Warning } from '../../core/completion.ts';
import type { Api } from '../api.ts';
import { toOpenAiWarnings } from '../x-parley.ts';
import { decodeMessagesCall, type MessagesCall } from './decode.ts';
import { toError, toMessagesError, toMessagesStatus } from './errors.ts';
import { createMessagesNames } from './field-names.ts';
import { toMessage } from './render.ts';
import { createMessageRenderer, toEvent } from './render-stream.ts';

/** `POST /v1/messages`: Anthropic's Messages API, for the models of any provider. */
export const messages: Api<MessagesCall> = {
  hasSignatures: true,
  idHeader: 'request-id',
  decode: decodeMessagesCall,
  toWarnings,
  toBody: (_call, [completion], _joined, warnings) => toMessage(completion, warnings),
  openStream(call, _sent, id) {
    const renderer = createMessageRenderer(call, id);
    return { render: (_choice, batch) => renderer.render(batch), isFailed: renderer.isFailed };
  },
  toFailure: (failure, { id, call }) => ({
    status: toMessagesStatus(failure),
    body: toMessagesError(failure, call?.fieldNames ?? asGiven, id),
  }),
  toFailureEvent: (failure, { id, call }) => toEvent(toMessagesError(failure, call?.fieldNames ?? asGiven, id)),
  toBodyError: (message, id) => toError(400, message, id),
};

/** Issues that were found while the request was decoded have its own names. */
const asGiven = { path: (path: string) => path, text: createMessagesNames([]).text };

function toWarnings(call: MessagesCall, { warnings }: Completion): readonly Warning[] {
  return [...call.warnings, ...toOpenAiWarnings(warnings, call.fieldNames)];
}
