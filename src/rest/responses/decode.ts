import { toInvalidRequest } from '../../core/chat.ts';
import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import type { ApiCall } from '../api.ts';
import { createDecodeContext, type DecodeContext } from '../decode-context.ts';
import { type FieldNames, toCamelCase } from '../field-names.ts';
import { decodeInput } from './decode-input.ts';
import { decodeTools } from './decode-tools.ts';
import { createResponsesNames } from './field-names.ts';

/** A request in the form of OpenAI's Responses API, ready for the gateway. */
export type ResponsesCall = ApiCall & {
  readonly fieldNames: FieldNames;
  /** Fields of the request that an answer repeats. */
  readonly echo: JsonObject;
  /** Whether it goes on without its client, who fetches the answer by its id. */
  readonly isBackground: boolean;
};

/** Fields that ChatInput takes under the same name in camelCase. */
const plainFields: ReadonlySet<string> = new Set([
  ...['model', 'temperature', 'top_p', 'parallel_tool_calls', 'user', 'metadata', 'service_tier', 'top_logprobs'],
  ...['provider', 'fallbacks', 'request_id', 'provider_options', 'reasoning_budget', 'repair', 'top_k', 'seed'],
  'on_disconnect',
]);

/** What an answer has besides, and fields whose default is the only choice here. */
const echoed = {
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  temperature: 1,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: 1,
  truncation: 'disabled',
} as const;

/** Throws INVALID_REQUEST for what has no equivalent in ChatInput. */
export function decodeResponsesCall(body: JsonObject): ResponsesCall {
  const notes = createDecodeContext();
  const { input, instructions, tools, tool_choice, text, reasoning, max_output_tokens, include, stream, ...rest } =
    body;
  const { prompt_cache_key, prompt_cache_retention, background, ...options } = rest;
  const isBackground = background === true;
  const said = decodeInput(input, notes);
  const format = decodeText(text, notes);
  const { effort, summary: _, generate_summary: __, ...more } = isJsonObject(reasoning) ? reasoning : {};
  notes.ignore(more, 'reasoning');
  const hasInstructions = typeof instructions === 'string' && instructions !== '';
  const asksForLogprobs = Array.isArray(include) && include.includes('message.output_text.logprobs');
  const given = {
    ...(isBackground && { onDisconnect: 'finish' }),
    ...decodeOptions(options, isBackground, notes),
    messages: [...(hasInstructions ? [{ role: 'system', content: instructions }] : []), ...said.messages],
    maxTokens: max_output_tokens,
    reasoningEffort: effort,
    ...format,
    ...decodeTools(tools, tool_choice, notes),
    ...((asksForLogprobs || isGiven(options['top_logprobs'])) && { logprobs: true }),
    promptCache: decodeCache(prompt_cache_key, prompt_cache_retention),
  };
  if (isGiven(instructions) && typeof instructions !== 'string') notes.refuse('instructions', 'Expected a text');
  if (isGiven(stream) && typeof stream !== 'boolean') notes.refuse('stream', 'Expected true or false');
  const ofInstructions = hasInstructions ? [{ path: 'instructions', blocks: [] }] : [];
  const names = createResponsesNames([...ofInstructions, ...said.places]);
  const path = (name: string) => (isBackground && name === 'onDisconnect' ? 'background' : names.path(name));
  const fieldNames = { ...names, path };
  if (notes.issues.length > 0) throw toInvalidRequest(notes.issues);
  const isStream = stream === true;
  const echo = echoOf(body);
  return { input: given, isStream, n: 1, warnings: notes.warnings(), fieldNames, echo, isBackground };
}

/** For an answer that is fetched later: nothing of its request is kept. */
export const keptCall: ResponsesCall = {
  ...{ input: {}, isStream: false, n: 1, warnings: [], fieldNames: createResponsesNames([]) },
  ...{ echo: echoOf({}), isBackground: true },
};

function decodeOptions(options: JsonObject, isBackground: boolean, notes: DecodeContext): JsonObject {
  const { store, previous_response_id, conversation, prompt, truncation, ...others } = options;
  const { stream_options: _obfuscation, max_tool_calls, ...rest } = others;
  const stateless = 'Requests are not stored here: send the whole conversation in "input"';
  if (isGiven(previous_response_id)) notes.refuse('previous_response_id', stateless);
  if (isGiven(conversation)) notes.refuse('conversation', stateless);
  if (isGiven(prompt)) notes.refuse('prompt', 'Templates of a provider are not accessible here: send "input"');
  if (store === true && !isBackground) notes.warn('store', 'Only answers with "background" are kept, for a while');
  if (truncation === 'auto') notes.warn('truncation', 'Input is never cut; left out');
  if (isGiven(max_tool_calls)) notes.warn('max_tool_calls', 'Not supported; left out');
  const decoded: Record<string, unknown> = {};
  const unknown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (plainFields.has(name)) decoded[toCamelCase(name)] = value;
    else unknown[name] = value;
  }
  notes.ignore(unknown);
  return decoded;
}

function decodeText(text: unknown, notes: DecodeContext): JsonObject {
  if (!isGiven(text)) return {};
  if (!isJsonObject(text)) {
    notes.refuse('text', 'Expected an object');
    return {};
  }
  const { format, verbosity, ...others } = text;
  notes.ignore(others, 'text');
  return { verbosity, responseFormat: decodeFormat(format, notes) };
}

function decodeFormat(format: unknown, notes: DecodeContext): JsonObject | undefined {
  if (!isGiven(format)) return undefined;
  const { type, name, description, schema, strict, validate, ...others } = isJsonObject(format) ? format : {};
  notes.ignore(others, 'text.format');
  switch (type) {
    case 'text':
      return undefined;
    case 'json_object':
      // As in Chat Completions: llama.cpp, Together and others take a schema here.
      return isJsonObject(schema) ? { jsonSchema: { name: 'answer', schema, validate: false } } : { jsonObject: true };
    case 'json_schema':
      return { jsonSchema: { name, description, schema, strict, validate: validate ?? strict === true } };
    default:
      notes.refuse('text.format.type', 'Expected "text", "json_object" or "json_schema"');
      return undefined;
  }
}

function decodeCache(key: unknown, retention: unknown): JsonObject | undefined {
  if (!isGiven(key) && retention !== '24h') return undefined;
  return { key, ttl: retention === '24h' ? 'long' : undefined };
}

function echoOf(body: JsonObject): JsonObject {
  const given = Object.entries(echoed).map(([field, usual]) => [field, body[field] ?? usual]);
  const { effort = null, summary = null } = isJsonObject(body['reasoning']) ? body['reasoning'] : {};
  return { ...Object.fromEntries(given), reasoning: { effort, summary }, user: body['user'] ?? null };
}

/** `null` means "not given", as OpenAI's clients use it. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
