import { isJsonObject, type JsonObject, toInvalidRequest } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import { createDecodeContext, type DecodeContext } from './decode-context.ts';
import { decodeMessages } from './decode-messages.ts';
import { decodeResponseFormat, decodeToolChoice, decodeTools } from './decode-tools.ts';
import { type FieldNames, toCamelCase } from './field-names.ts';

/** A request in OpenAI's form, ready for the gateway. */
export type ChatCall = {
  /** In the shape of ChatInput, unvalidated: rules are stated once, in core/chat.ts. */
  readonly input: JsonObject;
  readonly isStream: boolean;
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
]);

/** Throws INVALID_REQUEST for what has no equivalent in ChatInput. */
export function decodeChatCall(body: JsonObject, fieldNames: FieldNames): ChatCall {
  const notes = createDecodeContext();
  const { messages, stop, tools, tool_choice, response_format, stream, stream_options, ...options } = body;
  const input = {
    ...decodeOptions(options, notes),
    messages: decodeMessages(messages, notes),
    stop: typeof stop === 'string' ? [stop] : stop,
    tools: decodeTools(tools, notes),
    toolChoice: decodeToolChoice(tool_choice, notes),
    responseFormat: decodeResponseFormat(response_format, notes),
  };
  const isStream = readFlag(stream, 'stream', notes);
  const includeUsage = decodeStreamOptions(stream_options, notes);
  if (notes.issues.length > 0) throw toInvalidRequest(notes.issues);
  return { input, isStream, includeUsage, warnings: notes.warnings(), fieldNames };
}

function decodeOptions(options: JsonObject, notes: DecodeContext): JsonObject {
  const { max_tokens, max_completion_tokens, n, functions, function_call, ...others } = options;
  if ((n ?? 1) !== 1) notes.refuse('n', 'Only 1 choice per request is supported; send one request for each');
  if (isGiven(functions)) notes.refuse('functions', 'Legacy: use "tools"');
  if (isGiven(function_call)) notes.refuse('function_call', 'Legacy: use "tool_choice"');
  if (isGiven(max_tokens) && isGiven(max_completion_tokens) && max_tokens !== max_completion_tokens) {
    notes.warn('max_tokens', 'max_completion_tokens was used instead');
  }
  const decoded: Record<string, unknown> = { maxTokens: max_completion_tokens ?? max_tokens };
  const unknown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(others)) {
    if (plainFields.has(name)) decoded[toCamelCase(name)] = value;
    else unknown[name] = value;
  }
  notes.ignore(unknown);
  return decoded;
}

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

function readFlag(value: unknown, path: string, notes: DecodeContext): boolean {
  if (isGiven(value) && typeof value !== 'boolean') notes.refuse(path, 'Expected true or false');
  return value === true;
}

/** `null` means "not given", as OpenAI's clients use it. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}
