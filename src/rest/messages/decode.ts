import { maySendProviderOptions } from '../../core/caller.ts';
import { toInvalidRequest } from '../../core/chat.ts';
import type { ForeignFields } from '../../core/foreign-fields.ts';
import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import { headerOf } from '../../http/headers.ts';
import type { ApiCall, Asked } from '../api.ts';
import { createDecodeContext, type DecodeContext } from '../decode-context.ts';
import type { FieldNames } from '../field-names.ts';
import type { Place } from '../placed-names.ts';
import { decodeMessages, decodeSystem } from './decode-messages.ts';
import { decodeTools } from './decode-tools.ts';
import { createMessagesNames } from './field-names.ts';

/** A request in the form of Anthropic's Messages API, ready for the gateway. */
export type MessagesCall = ApiCall & { readonly fieldNames: FieldNames };

/** Fields of ChatInput that Anthropic does not have, under the names of the other REST paths. */
const ownFields: Readonly<Record<string, string>> = {
  fallbacks: 'fallbacks',
  provider: 'provider',
  request_id: 'requestId',
  provider_options: 'providerOptions',
  repair: 'repair',
};

/** Throws INVALID_REQUEST for what has no equivalent in ChatInput. */
export function decodeMessagesCall(body: JsonObject, asked: Asked): MessagesCall {
  const notes = createDecodeContext();
  const { model, messages, system, max_tokens, stop_sequences, stream, metadata, ...options } = body;
  const { temperature, top_p, top_k, thinking, output_config, output_format, service_tier, ...more } = options;
  const { tools, tool_choice, cache_control, thread, ...rest } = more;
  if (thread !== undefined && thread !== null) {
    notes.refuse('thread', 'Conversations are not kept here: send the whole conversation without "thread"');
  }
  const said = decodeMessages(messages, notes);
  const instructions = decodeSystem(system, notes);
  const offered = decodeTools(tools, tool_choice, notes);
  const { user_id: user, ...pairs } = isJsonObject(metadata) ? metadata : {};
  notes.ignore(pairs, 'metadata');
  const { own, foreign } = splitOwn(rest);
  const isPassed = maySendProviderOptions(asked.caller);
  if (!isPassed) notes.ignore(foreign);
  for (const { path } of isPassed ? [] : offered.foreign) {
    notes.refuse(
      path,
      'This caller may not send tools of this type (allowProviderOptions); send tools with "input_schema"',
    );
  }
  const input = {
    model,
    messages: [...instructions, ...said.messages],
    maxTokens: max_tokens,
    temperature,
    topP: top_p,
    topK: top_k,
    stop: stop_sequences,
    user,
    serviceTier: service_tier === 'standard_only' ? 'default' : service_tier,
    ...decodeThinking(thinking, output_config),
    responseFormat: decodeFormat(output_format ?? formatOf(output_config), notes),
    ...offered.input,
    promptCache: decodeCache([cache_control, ...offered.cacheControls, ...said.cacheControls]),
    ...own,
    ...(isPassed && { foreignFields: toForeignFields(foreign, offered.foreign, asked) }),
  };
  if (typeof stream !== 'boolean' && stream !== undefined && stream !== null)
    notes.refuse('stream', 'Expected true or false');
  const ofSystem = instructions.map((_, index): Place => ({ path: `system[${index}]`, blocks: [] }));
  const fieldNames = createMessagesNames([...ofSystem, ...said.places]);
  if (notes.issues.length > 0) throw toInvalidRequest(notes.issues);
  return { input, isStream: stream === true, n: 1, warnings: notes.warnings(), fieldNames };
}

function splitOwn(rest: JsonObject): { readonly own: JsonObject; readonly foreign: JsonObject } {
  const own: Record<string, unknown> = {};
  const foreign: [string, unknown][] = [];
  for (const [field, value] of Object.entries(rest)) {
    const name = Object.hasOwn(ownFields, field) ? ownFields[field] : undefined;
    if (name) own[name] = value;
    else if (value !== null && value !== undefined) foreign.push([field, value]);
  }
  return { own, foreign: Object.fromEntries(foreign) };
}

/** Fields and tools that only Anthropic's form has, with the names of the beta features that they may need. */
function toForeignFields(
  fields: JsonObject,
  tools: readonly { readonly tool: JsonObject }[],
  { headers }: Asked,
): ForeignFields | undefined {
  const betas = readBetas(headerOf(headers['anthropic-beta']));
  if (tools.length === 0 && betas === '' && Object.keys(fields).length === 0) return undefined;
  return {
    form: 'messages',
    fields,
    ...(tools.length > 0 && { tools: tools.map(({ tool }) => tool) }),
    ...(betas !== '' && { headers: { 'anthropic-beta': betas } }),
  };
}

const maxBetas = 20;

/** "files-api-2025-04-14,context-1m-2025-08-07". What is no such name is left out. */
function readBetas(header = ''): string {
  return header
    .slice(0, 2_000)
    .split(',', maxBetas)
    .map((name) => name.trim())
    .filter((name) => /^[a-z0-9-]{1,80}$/.test(name))
    .join(',');
}

/** Thinking by budget, by effort, or off. Adaptive thinking without an effort is "high", Anthropic's default. */
function decodeThinking(thinking: unknown, outputConfig: unknown): JsonObject {
  const { type, budget_tokens } = isJsonObject(thinking) ? thinking : {};
  const { effort } = isJsonObject(outputConfig) ? outputConfig : {};
  const word = effort === 'max' ? 'xhigh' : effort;
  if (type === 'enabled' && word === undefined) return { reasoningBudget: budget_tokens };
  if (type === 'disabled') return { reasoningEffort: 'none' };
  if (type === 'adaptive') return { reasoningEffort: word ?? 'high' };
  return { reasoningEffort: word };
}

function formatOf(outputConfig: unknown): unknown {
  return isJsonObject(outputConfig) ? outputConfig['format'] : undefined;
}

function decodeFormat(format: unknown, notes: DecodeContext): JsonObject | undefined {
  if (format === undefined || format === null) return undefined;
  const { type, schema } = isJsonObject(format) ? format : {};
  if (type !== 'json_schema') notes.refuse('output_config.format.type', 'Expected "json_schema"');
  return { jsonSchema: { name: 'answer', schema, strict: true } };
}

/**
 * A prompt is cached up to its breakpoints; one on a tool, or at the top of the request, leaves the place to the provider.
 * The longest lifetime counts for all.
 */
function decodeCache(controls: readonly unknown[]): JsonObject | undefined {
  const given = controls.filter(isJsonObject);
  if (given.length === 0) return undefined;
  return { ttl: given.some(({ ttl }) => ttl === '1h') ? 'long' : 'short' };
}
