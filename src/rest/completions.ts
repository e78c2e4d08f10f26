import { toInvalidRequest } from '../core/chat.ts';
import type { ChatEvent, Completion, Warning } from '../core/completion.ts';
import type { Issue } from '../core/errors.ts';
import type { JsonObject } from '../core/json-object.ts';
import { sumUsage } from '../core/sum-usage.ts';
import type { Api } from './api.ts';
import { type ChatCall, decodeChatCall } from './decode.ts';
import { statusOf, toErrorBody, toHttpErrorBody } from './errors.ts';
import { createFieldNames, type FieldNames } from './field-names.ts';
import { toFinishReason, toUnixSeconds } from './render.ts';
import { createSharedEnd, doneMarker, toDataLine } from './render-stream.ts';
import { toOpenAiWarnings, toUsage, toXParley } from './x-parley.ts';

/**
 * `POST /v1/completions`: OpenAI's legacy form, for editors and old scripts. A prompt is a user's message, and the answer's text
 * is the completion.
 */
export const completions: Api<ChatCall> = {
  decode(body, asked) {
    const { suffix, ...options } = body;
    const call = decodeChatCall(toChatBody(options), namesOf(body), asked);
    // Editors send "" at the end of a file.
    const isGiven = suffix !== undefined && suffix !== null && suffix !== '';
    return isGiven ? { ...call, input: { ...call.input, suffix } } : call;
  },
  toWarnings,
  toBody(_call, answers, joined, warnings) {
    const counted = toUsage(joined.usage);
    return {
      ...toHead(joined),
      choices: answers.map((answer, index) => toChoice(index, answer.text, toFinishReason(answer))),
      ...(counted && { usage: counted }),
      x_parley: toXParley(joined, joined, warnings),
    };
  },
  openStream(call) {
    const shared = createSharedEnd(call.n);
    return {
      render: (choice, batch) => batch.map((event) => renderEvent(call, shared, choice, event)).join(''),
      isFailed: () => shared.isFailed,
    };
  },
  toFailure: (failure, { body }) => ({
    status: statusOf[failure.error.code],
    body: toErrorBody(failure, namesOf(body)),
  }),
  toFailureEvent: (failure, { body }) => toDataLine(toErrorBody(failure, namesOf(body))) + doneMarker,
  toBodyError: (message) => toHttpErrorBody(400, 'BAD_REQUEST', message),
};

/** Fields without an equivalent in a chat. */
const refused: Readonly<Record<string, string>> = {
  best_of: 'Not supported; use "n"',
  logprobs: 'Not supported here; use /v1/chat/completions',
  messages: 'Use /v1/chat/completions, or "prompt"',
};

function toChatBody(body: JsonObject): JsonObject {
  const { prompt, echo, ...options } = body;
  const [only, ...others] = Array.isArray(prompt) ? prompt : [prompt];
  const issues: Issue[] = [];
  if (typeof only !== 'string' || others.length > 0) {
    issues.push({ path: 'prompt', message: 'Expected one text; token ids and several prompts are not supported' });
  }
  if (echo === true) issues.push({ path: 'echo', message: 'Not supported' });
  for (const [field, message] of Object.entries(refused)) {
    const value = options[field];
    // These values are what their absence means.
    if (![undefined, null, '', field === 'best_of' ? 1 : null].includes(value as null))
      issues.push({ path: field, message });
  }
  if (issues.length > 0) throw toInvalidRequest(issues);
  const given = Object.entries(options).filter(([field]) => !Object.hasOwn(refused, field));
  return { ...Object.fromEntries(given), messages: [{ role: 'user', content: only }] };
}

/** The prompt is the first part of the only message. */
function namesOf(body: JsonObject): FieldNames {
  const names = createFieldNames(body);
  return { ...names, path: (path) => (path.startsWith('messages') ? 'prompt' : names.path(path)) };
}

function toWarnings(call: ChatCall, completion: Completion): readonly Warning[] {
  return [...call.warnings, ...toOpenAiWarnings(completion.warnings, call.fieldNames)];
}

type Head = { readonly id: string; readonly created: Date; readonly model: string };

function toHead({ id, created, model }: Head): JsonObject {
  return { id, object: 'text_completion', created: toUnixSeconds(created), model };
}

function toChoice(index: number, text: string, finishReason: string | null): JsonObject {
  return { text, index, logprobs: null, finish_reason: finishReason };
}

function renderEvent(
  call: ChatCall,
  shared: ReturnType<typeof createSharedEnd>,
  choice: number,
  event: ChatEvent,
): string {
  if (shared.isFailed) return '';
  const chunk = (fields: JsonObject) => {
    if (!shared.head) throw new Error('A stream begins with its start');
    return `data: ${JSON.stringify({ ...toHead(shared.head), ...fields })}\n\n`;
  };
  switch (event.type) {
    case 'started':
      shared.head ??= event;
      return '';
    case 'content':
      return event.text === '' ? '' : chunk({ choices: [toChoice(choice, event.text, null)] });
    case 'finished':
      return finish(event);
    case 'failed':
      shared.isFailed = true;
      return toDataLine(toErrorBody(event, call.fieldNames)) + doneMarker;
    // A completion is text alone.
    default:
      return '';
  }

  function finish(ending: Extract<ChatEvent, { type: 'finished' }>): string {
    if (!shared.head) return '';
    shared.left -= 1;
    shared.usages.push(ending.usage);
    const warnings = [...call.warnings, ...toOpenAiWarnings(ending.warnings, call.fieldNames)];
    const counted = call.includeUsage && shared.left === 0 ? toUsage(sumUsage(shared.usages)) : undefined;
    return (
      chunk({
        choices: [toChoice(choice, '', toFinishReason(ending))],
        x_parley: toXParley(shared.head, ending, warnings),
      }) +
      (counted ? chunk({ choices: [], usage: counted }) : '') +
      (shared.left > 0 ? '' : doneMarker)
    );
  }
}
