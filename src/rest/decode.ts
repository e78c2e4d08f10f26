import { maySendProviderOptions } from '../core/caller.ts';
import { toInvalidRequest } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import { isJsonObject, type JsonObject } from '../core/json-object.ts';
import type { Asked } from './api.ts';
import { createDecodeContext, type DecodeContext } from './decode-context.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeResponseFormat, decodeToolChoice, decodeTools } from './decode-tools.ts';
import { type FieldNames, toCamelCase } from './field-names.ts';

/** A request in OpenAI's form, ready for the gateway. */
export type ChatCall = {
  /** In the shape of ChatInput, unvalidated: rules are stated once, in core/chat.ts. */
  readonly input: JsonObject;
  readonly isStream: boolean;
  /** Choices, from 1. */
  readonly n: number;
  /** Whether the stream reports its usage in a chunk of its own. */
  readonly includeUsage: boolean;
  /** Options that were requested and are not supported. */
  readonly warnings: readonly Warning[];
  readonly fieldNames: FieldNames;
};

/** Fields that ChatInput takes under the same name in camelCase. Some are ours, not OpenAI's. */
const plainFields: ReadonlySet<string> = new Set([
  'model',
  'provider',
  'system_message',
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'seed',
  'reasoning_effort',
  'parallel_tool_calls',
  'user',
  'fallbacks',
  'request_id',
  'on_disconnect',
  'top_k',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'verbosity',
  'service_tier',
  'metadata',
  'reasoning_budget',
  'provider_options',
]);

/** Throws INVALID_REQUEST for what has no equivalent in ChatInput. */
export function decodeChatCall(body: JsonObject, fieldNames: FieldNames, asked: Asked): ChatCall {
  const notes = createDecodeContext();
  const { messages, stop, tools, tool_choice, response_format, stream, stream_options, n, ...more } = body;
  const { modalities, audio, web_search_options, server_tools, repair, ...rest } = more;
  const { prompt_cache_key, prompt_cache_retention, prompt_cache_options, ...options } = rest;
  const input = {
    ...decodeOptions(options, notes, asked),
    messages: decodeMessages(messages, notes),
    stop: typeof stop === 'string' ? [stop] : stop,
    tools: decodeTools(tools, notes),
    toolChoice: decodeToolChoice(tool_choice, notes),
    responseFormat: decodeResponseFormat(response_format, notes),
    promptCache: decodePromptCache(prompt_cache_key, prompt_cache_retention, prompt_cache_options),
    outputModalities: modalities,
    speech: decodeSpeech(audio, notes),
    repair: toCamelCaseKeys(repair),
    serverTools: decodeServerTools(web_search_options, server_tools, notes),
  };
  const isStream = readFlag(stream, 'stream', notes);
  const includeUsage = decodeStreamOptions(stream_options, notes);
  const choices = readChoices(n, input, notes);
  if (notes.issues.length > 0) throw toInvalidRequest(notes.issues);
  return { input, isStream, n: choices, includeUsage, warnings: notes.warnings(), fieldNames };
}

function decodeOptions(options: JsonObject, notes: DecodeContext, asked: Asked): JsonObject {
  const { max_tokens, max_completion_tokens, functions, function_call, ...others } = options;
  if (isGiven(functions)) notes.refuse('functions', 'Legacy: use "tools"');
  if (isGiven(function_call)) notes.refuse('function_call', 'Legacy: use "tool_choice"');
  if (isGiven(max_tokens) && isGiven(max_completion_tokens) && max_tokens !== max_completion_tokens) {
    notes.warn('max_tokens', 'max_completion_tokens was used instead');
  }
  const decoded: Record<string, unknown> = { maxTokens: max_completion_tokens ?? max_tokens };
  const unknown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(others)) {
    if (name === 'seed') decoded['seed'] = toSafeSeed(value, notes);
    else if (plainFields.has(name)) decoded[toCamelCase(name)] = value;
    else unknown[name] = value;
  }
  const [passed, ignored] = splitOpenAiFields(unknown, decoded['model'], asked);
  notes.ignore(ignored);
  return { ...decoded, ...(passed && { foreignFields: { form: 'chat-completions', fields: passed } }) };
}

/** Seeds of 64 bits have lost their last digits already. */
function toSafeSeed(seed: unknown, notes: DecodeContext): unknown {
  if (typeof seed !== 'number' || !Number.isInteger(seed) || Number.isSafeInteger(seed)) return seed;
  notes.warn('seed', 'Larger than 2^53; its remainder was used');
  return seed % Number.MAX_SAFE_INTEGER;
}

/** Fields of OpenAI's Chat Completions that ChatInput does not have, for any server that speaks it. */
const openAiFields: ReadonlySet<string> = new Set(['moderation', 'prediction', 'safety_identifier']);
/** Names that a gateway behind this one may take for an address, a header or a credential. */
const unsafeName = /url|uri|base|host|proxy|endpoint|header|auth|key|token|secret|credential|extra|config|param/;

/**
 * What goes on to a provider whose wire is OpenAI's: the fields above, and to OpenAI itself whatever it may have added. The
 * rest is named in warnings.
 */
function splitOpenAiFields(
  fields: JsonObject,
  model: unknown,
  { caller, toModelId }: Asked,
): [passed: JsonObject | undefined, ignored: JsonObject] {
  if (!maySendProviderOptions(caller)) return [undefined, fields];
  const isOpenAi = typeof model === 'string' && toModelId(model).startsWith('openai/');
  const passed: [string, unknown][] = [];
  const ignored: [string, unknown][] = [];
  for (const [name, value] of Object.entries(fields)) {
    const isSafe = isOpenAi && /^[a-z][a-z_]{0,63}$/.test(name) && !unsafeName.test(name);
    if (value === null || value === undefined) continue;
    if ((openAiFields.has(name) || isSafe) && passed.length < maxPassed) passed.push([name, value]);
    else ignored.push([name, value]);
  }
  return [passed.length > 0 ? Object.fromEntries(passed) : undefined, Object.fromEntries(ignored)];
}

const maxPassed = 20;

function decodeStreamOptions(options: unknown, notes: DecodeContext): boolean {
  if (!isGiven(options)) return false;
  if (!isJsonObject(options)) {
    notes.refuse('stream_options', 'Expected an object');
    return false;
  }
  // Obfuscation pads chunks against traffic analysis; this gateway sends none, so there is nothing to turn off.
  const { include_usage, include_obfuscation: _padding, ...others } = options;
  notes.ignore(others, 'stream_options');
  return readFlag(include_usage, 'stream_options.include_usage', notes);
}

/** Each choice is a call of its own. */
const maxChoices = 8;

function readChoices(n: unknown, { onDisconnect }: JsonObject, notes: DecodeContext): number {
  if (!isGiven(n)) return 1;
  if (typeof n !== 'number' || !Number.isInteger(n) || n < 1 || n > maxChoices) {
    notes.refuse('n', `Expected a whole number of 1 to ${maxChoices}`);
    return 1;
  }
  if (n > 1 && isGiven(onDisconnect) && onDisconnect !== 'stop') {
    notes.refuse('n', 'A stream that is kept ("on_disconnect") has one choice');
  }
  return n;
}

function readFlag(value: unknown, path: string, notes: DecodeContext): boolean {
  if (isGiven(value) && typeof value !== 'boolean') notes.refuse(path, 'Expected true or false');
  return value === true;
}

/** `null` means "not given", as OpenAI's clients use it. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** OpenAI's two forms of a longer lifetime. */
function decodePromptCache(key: unknown, retention: unknown, options: unknown): JsonObject | undefined {
  const { ttl } = isJsonObject(options) ? options : {};
  const isLong = retention === '24h' || ttl === '12h';
  if (!isGiven(key) && !isLong) return undefined;
  return { key, ttl: isLong ? 'long' : undefined };
}

function decodeSpeech(audio: unknown, notes: DecodeContext): unknown {
  if (!isJsonObject(audio)) return audio;
  const { voice, format, ...others } = audio;
  notes.ignore(others, 'audio');
  return { voice, format };
}

/** `web_search_options` is OpenAI's; `server_tools` has the form of ChatInput, for everything else. */
function decodeServerTools(search: unknown, tools: unknown, notes: DecodeContext): unknown {
  const own = Array.isArray(tools) ? tools.map(toCamelCaseKeys) : tools;
  if (!isGiven(search)) return own;
  if (!isJsonObject(search)) {
    notes.refuse('web_search_options', 'Expected an object');
    return own;
  }
  const { user_location, search_context_size: _size, ...others } = search;
  notes.ignore(others, 'web_search_options');
  if (isGiven(_size)) notes.warn('web_search_options.search_context_size', 'Not supported; left out');
  const { approximate } = isJsonObject(user_location) ? user_location : {};
  return [...(Array.isArray(own) ? own : []), { webSearch: { userLocation: approximate } }];
}

function toCamelCaseKeys(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [toCamelCase(name), toCamelCaseKeys(inner)]));
}
