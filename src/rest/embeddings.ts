import { toInvalidRequest } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import { type Embeddings, embedLimits } from '../core/embed.ts';
import { isJsonObject, type JsonObject } from '../core/json-object.ts';
import { sendJson } from '../http/send-json.ts';
import { toBase64 } from '../http/vector-base64.ts';
import type { CallForm, RestParts } from './api.ts';
import { createCallRoute } from './call-route.ts';
import { createDecodeContext } from './decode-context.ts';
import { statusOf, toErrorBody, toHttpErrorBody } from './errors.ts';
import { createFieldNames } from './field-names.ts';
import type { RestHandler } from './route.ts';
import { toHeaders, toOpenAiWarnings, toTimingHeaders, toXParleyAttempt, toXParleyExpense } from './x-parley.ts';

/** A request in OpenAI's form. `input` has the shape of EmbedInput, unvalidated. */
type EmbedCall = { readonly input: JsonObject; readonly isBase64: boolean; readonly warnings: readonly Warning[] };

const form: CallForm<EmbedCall> = {
  decode,
  toFailure: (failure, { body }) => ({
    status: statusOf[failure.error.code],
    body: toErrorBody(failure, createFieldNames(body)),
  }),
  toBodyError: (message) => toHttpErrorBody(400, 'BAD_REQUEST', message),
};

/** `POST /v1/embeddings`. */
export function createEmbeddings(parts: RestParts): RestHandler {
  return createCallRoute(form, parts, async ({ given, options, rateLimitStatus }, response) => {
    const { body, call } = given;
    const answer = await parts.gateway.embed(call.input, options);
    const warnings = [...call.warnings, ...toOpenAiWarnings(answer.warnings, createFieldNames(body))];
    sendJson(response, 200, toList({ ...answer, warnings }, call.isBase64), {
      ...rateLimitStatus(),
      ...toHeaders(answer, warnings),
      ...toTimingHeaders(answer),
      'x-parley-attempts': String(answer.attempts.length),
      'x-parley-latency-ms': String(answer.latencyMs),
    });
  });
}

/** Fields of EmbedInput under OpenAI's names, and ours beside them. */
function decode(body: JsonObject): EmbedCall {
  const notes = createDecodeContext();
  const { input, encoding_format, task_type, request_id, ...rest } = body;
  const { model, provider, dimensions, fallbacks, user, ...unknown } = rest;
  const texts = typeof input === 'string' ? [input] : input;
  const isMixed = Array.isArray(texts) && texts.some(isJsonObject);
  if (Array.isArray(texts) && texts.some((text) => typeof text === 'number' || Array.isArray(text))) {
    notes.refuse('input', 'Expected texts: ids of tokens are not supported');
  }
  if (![undefined, null, 'float', 'base64'].includes(encoding_format as null)) {
    notes.refuse('encoding_format', 'Expected "float" or "base64"');
  }
  notes.ignore(unknown);
  if (notes.issues.length > 0) throw toInvalidRequest(notes.issues);
  const given = isMixed ? { items: texts.map(decodeItem) } : { input: texts };
  return {
    input: { ...given, model, provider, dimensions, fallbacks, user, taskType: task_type, requestId: request_id },
    isBase64: encoding_format === 'base64',
    warnings: notes.warnings(),
  };
}

function toList(answer: Embeddings, isBase64: boolean): object {
  const { vectors, model, usage, provider, isSandbox, warnings, attempts } = answer;
  const tokens = usage?.inputTokens ?? 0;
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: isBase64 ? toBase64(vector) : vector,
    })),
    model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
    x_parley: {
      provider,
      is_sandbox: isSandbox,
      warnings,
      attempts: attempts.map(toXParleyAttempt),
      ...toXParleyExpense(answer),
    },
  };
}

/** A text, or `content` of texts and images in the form of chat, as OpenRouter and Cohere take it. */
function decodeItem(item: unknown): unknown {
  if (typeof item === 'string') return { parts: [{ text: item }] };
  const { content } = isJsonObject(item) ? item : {};
  return { parts: Array.isArray(content) ? content.slice(0, embedLimits.parts + 1).map(decodePart) : content };
}

function decodePart(part: unknown): unknown {
  const { type, text, image_url: image } = isJsonObject(part) ? part : {};
  if (type === 'text') return { text };
  if (type === 'image_url') return { image: { url: isJsonObject(image) ? image['url'] : image } };
  return part;
}
