import { z } from 'zod';
import { disconnectPolicies } from './disconnect-policy.ts';
import { GatewayError, type Issue } from './errors.ts';
import { foreignFields } from './foreign-fields.ts';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { chatLimits, id, type Message, message } from './message.ts';
import { optional } from './optional.ts';
import { outputModalities } from './output-modalities.ts';
import { providerOptionIssues } from './provider-options.ts';
import { type ServerTool, serverTool, serverToolNames } from './server-tools.ts';

/**
 * The chat request: one schema for all faces, so that every rule and limit is stated once. The input has the shape of
 * GraphQL's ChatInput; the output is what codecs read.
 */

export const reasoningEfforts = ['auto', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
export const toolChoiceModes = ['auto', 'none', 'required'] as const;
export const verbosities = ['low', 'medium', 'high'] as const;
export const serviceTiers = ['auto', 'default', 'flex', 'priority'] as const;
export const promptCacheTtls = ['short', 'long'] as const;
export const audioFormats = ['wav', 'mp3', 'flac', 'opus', 'aac', 'pcm16'] as const;

export type ReasoningEffort = (typeof reasoningEfforts)[number];
export type ResponseFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description?: string | undefined;
      readonly schema: JsonObject;
      readonly strict?: boolean | undefined;
      /** `false`: the answer is not validated against the schema. */
      readonly validate?: boolean | undefined;
    };

export type ToolChoice = (typeof toolChoiceModes)[number] | { readonly tool: string };

export type ServiceTier = (typeof serviceTiers)[number];

const jsonObject = z.custom<JsonObject>(isJsonObject, 'Expected a JSON object');
const name = z
  .string()
  .regex(/^[a-zA-Z0-9_-]+$/, 'Use letters, digits, "_" and "-" only')
  .max(chatLimits.name);

const tool = z.strictObject({
  name,
  description: optional(z.string()),
  parameters: optional(jsonObject),
  strict: optional(z.boolean()),
});

const responseFormat = z
  .strictObject({
    text: optional(z.literal(true)),
    jsonObject: optional(z.literal(true)),
    jsonSchema: optional(
      z.strictObject({
        name,
        description: optional(z.string()),
        schema: jsonObject,
        strict: optional(z.boolean()),
        validate: optional(z.boolean()),
      }),
    ),
  })
  .superRefine((format, context) => {
    if ([format.text, format.jsonObject, format.jsonSchema].filter((given) => given !== undefined).length !== 1) {
      context.addIssue('Give exactly one of "text", "jsonObject" and "jsonSchema"');
    }
  })
  .transform((format): ResponseFormat | undefined => {
    if (format.jsonSchema) return { type: 'json_schema', ...format.jsonSchema };
    return format.jsonObject ? { type: 'json_object' } : undefined;
  });

const toolChoice = z
  .strictObject({ mode: optional(z.enum(toolChoiceModes)), tool: optional(z.string()) })
  .superRefine((choice, context) => {
    if ((choice.mode === undefined) === (choice.tool === undefined)) {
      context.addIssue('Give exactly one of "mode" and "tool"');
    }
  })
  .transform((choice): ToolChoice => choice.mode ?? { tool: choice.tool ?? '' });

export const modelName = z.string().min(1).max(chatLimits.model);

/** Options that a route may set for one of its targets. */
const parameters = {
  temperature: optional(z.number().min(0).max(2)),
  topP: optional(z.number().min(0).max(1)),
  maxTokens: optional(z.int().min(1)),
  stop: optional(z.array(z.string().min(1).max(chatLimits.stopChars)).max(chatLimits.stop)),
  frequencyPenalty: optional(z.number().min(-2).max(2)),
  presencePenalty: optional(z.number().min(-2).max(2)),
  seed: optional(z.int()),
  reasoningEffort: optional(z.enum(reasoningEfforts)),
  reasoningBudget: optional(z.int().min(1)),
  topK: optional(z.int().min(1)),
  verbosity: optional(z.enum(verbosities)),
  serviceTier: optional(z.enum(serviceTiers)),
};
export const targetParameters = z.strictObject(parameters);
export type TargetParameters = Readonly<z.output<typeof targetParameters>>;

/** From token ids of the model to a bias. */
const logitBias = z.record(z.string().regex(/^\d{1,10}$/, 'Expected the id of a token'), z.number().min(-100).max(100));
/** Up to 16 pairs of up to 64 and 512 characters, as OpenAI has them. */
const metadata = z.record(z.string().min(1).max(64), z.string().max(512));

/** By id of a provider. */
const providerOptions = z.record(z.string().min(1).max(chatLimits.name), jsonObject);

/** Rules for single values. */
const shape = z.strictObject({
  model: modelName,
  provider: optional(z.string().min(1).max(chatLimits.name)),
  messages: z.array(message).min(1, 'At least one message is needed').max(chatLimits.messages),
  systemMessage: optional(z.string()),
  ...parameters,
  responseFormat: optional(responseFormat),
  tools: optional(z.array(tool).max(chatLimits.tools)),
  toolChoice: optional(toolChoice),
  parallelToolCalls: optional(z.boolean()),
  fallbacks: optional(z.array(modelName).max(chatLimits.fallbacks)),
  user: optional(z.string().max(chatLimits.id)),
  requestId: optional(id),
  onDisconnect: optional(z.enum(disconnectPolicies)),
  logprobs: optional(z.boolean()),
  topLogprobs: optional(z.int().min(0).max(20)),
  logitBias: optional(logitBias),
  metadata: optional(metadata),
  promptCache: optional(
    z.strictObject({
      key: optional(z.string().min(1).max(chatLimits.promptCacheKey)),
      ttl: optional(z.enum(promptCacheTtls)),
    }),
  ),
  repair: optional(z.strictObject({ maxAttempts: optional(z.int().min(0).max(chatLimits.repairs)) })),
  serverTools: optional(z.array(serverTool).max(serverToolNames.length)),
  outputModalities: optional(z.array(z.enum(outputModalities)).min(1).max(outputModalities.length)),
  speech: optional(
    z.strictObject({ voice: optional(z.string().min(1).max(100)), format: optional(z.enum(audioFormats)) }),
  ),
  providerOptions: optional(providerOptions),
  /** The text after the gap that the model fills: fill-in-the-middle. */
  suffix: optional(z.string()),
  foreignFields: optional(foreignFields),
});

/** Rules between values. */
function* contradictions(request: z.output<typeof shape>): Iterable<Issue> {
  const { tools, toolChoice, messages, responseFormat: format } = request;
  const names = new Set<string>();
  for (const [index, { name: toolName }] of tools?.entries() ?? []) {
    if (names.has(toolName)) yield { path: `tools[${index}].name`, message: 'Another tool has this name' };
    names.add(toolName);
  }
  if (names.size === 0 && toolChoice !== undefined && toolChoice !== 'none' && toolChoice !== 'auto') {
    yield { path: 'toolChoice', message: 'A tool choice needs "tools"' };
  } else if (typeof toolChoice === 'object' && !names.has(toolChoice.tool)) {
    yield { path: 'toolChoice.tool', message: 'No tool of this name is offered' };
  }
  yield* unpairedCalls(messages);
  yield* providerOptionIssues(request.providerOptions ?? {});
  if (request.speech && !request.outputModalities?.includes('audio')) {
    yield { path: 'speech', message: 'It needs "outputModalities" with AUDIO' };
  }
  const { reasoningEffort = 'auto', reasoningBudget, topLogprobs, logprobs, serverTools = [], repair } = request;
  if (reasoningBudget !== undefined && reasoningEffort !== 'auto') {
    yield { path: 'reasoningBudget', message: 'Give "reasoningEffort" or "reasoningBudget", not both' };
  }
  if (topLogprobs !== undefined && logprobs !== true) {
    yield { path: 'topLogprobs', message: 'It needs "logprobs: true"' };
  }
  if (repair && (format?.type !== 'json_schema' || format.validate === false)) {
    yield { path: 'repair', message: 'It needs "responseFormat.jsonSchema", and not with "validate: false"' };
  }
  if (new Set(serverTools.map((tool) => tool?.name)).size < serverTools.length) {
    yield { path: 'serverTools', message: 'Each tool may be given once' };
  }
  for (const [field, most] of [
    ['metadata', 16],
    ['logitBias', 1_000],
  ] as const) {
    const { length } = Object.keys(request[field] ?? {});
    if (length > most) yield { path: field, message: `Too many entries: ${length}, at most ${most} are allowed` };
  }
}

/** Calls without a result, which providers refuse (400), and results without a call. */
function* unpairedCalls(messages: readonly Message[]): Iterable<Issue> {
  const calls = new Set<string>();
  const unanswered = new Map<string, string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'assistant') {
      for (const [place, { id: callId }] of message.toolCalls.entries()) {
        calls.add(callId);
        unanswered.set(callId, `messages[${index}].toolCalls[${place}]`);
      }
    }
    if (message.role !== 'tool') continue;
    if (!calls.has(message.toolCallId)) {
      const text = 'No assistant message before it carries a tool call with this id';
      yield { path: `messages[${index}].toolCallId`, message: text };
    }
    unanswered.delete(message.toolCallId);
  }
  for (const path of unanswered.values()) {
    yield { path, message: 'No tool message answers this call: every tool call needs a result after it' };
  }
}

function toRequest({ systemMessage, messages, tools, serverTools, ...rest }: z.output<typeof shape>) {
  const system: Message[] = systemMessage ? [{ role: 'system', text: systemMessage }] : [];
  const hosted: readonly ServerTool[] | undefined = serverTools?.filter((tool) => tool !== undefined);
  return {
    ...rest,
    ...(hosted && hosted.length > 0 && { serverTools: hosted }),
    tools: tools ?? [],
    messages: [...system, ...messages],
  };
}

export type ChatRequest = Readonly<ReturnType<typeof toRequest>>;
export type Tool = ChatRequest['tools'][number];

/** Validates what a face received. Reports every issue at once, each with its path. */
export function parseChatRequest(input: unknown): ChatRequest {
  const oversized = [...lengthIssues(input)];
  if (oversized.length > 0) throw toInvalidRequest(oversized);
  const data = readInput(shape, input);
  const issues = [...contradictions(data)];
  if (issues.length > 0) throw toInvalidRequest(issues);
  return toRequest(data);
}

/** Lists that are too long, found before any of their items is looked at: zod validates all items before it counts them. */
function* lengthIssues(input: unknown): Iterable<Issue> {
  if (!isJsonObject(input)) return;
  const lists = { messages: chatLimits.messages, tools: chatLimits.tools, stop: chatLimits.stop, serverTools: 10 };
  for (const [path, most] of Object.entries({ ...lists, fallbacks: chatLimits.fallbacks })) {
    yield* lengthIssue(input[path], path, most);
  }
  const { messages } = input;
  if (!Array.isArray(messages) || messages.length > chatLimits.messages) return;
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message)) continue;
    yield* lengthIssue(message['parts'], `messages[${index}].parts`, chatLimits.parts);
    yield* lengthIssue(message['toolCalls'], `messages[${index}].toolCalls`, chatLimits.tools);
  }
}

function* lengthIssue(list: unknown, path: string, most: number): Iterable<Issue> {
  if (Array.isArray(list) && list.length > most) {
    yield { path, message: `Too many items: ${list.length}, at most ${most} are allowed` };
  }
}

/** The value of a schema. Throws INVALID_REQUEST with every issue. */
export function readInput<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const { success, data, error } = read(schema, input);
  if (success) return data;
  throw toInvalidRequest(error.issues.map(toIssue));
}

/** zod reads `length` of any value that has one, before it checks that it is a number. */
function read<T extends z.ZodType>(schema: T, input: unknown) {
  try {
    return schema.safeParse(input);
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw toInvalidRequest([{ path: '', message: 'A "length" in it is not a number' }]);
  }
}

/** INVALID_REQUEST: the message names the first issue, `issues` all of them. */
export function toInvalidRequest(issues: readonly Issue[]): GatewayError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  return new GatewayError('INVALID_REQUEST', `${first?.path || 'input'}: ${first?.message ?? 'invalid'}${more}`, {
    issues: issues.length > maxIssues ? [...issues.slice(0, maxIssues), furtherIssues(issues.length)] : issues,
  });
}

/** Issues that are reported one by one. */
const maxIssues = 50;
/** zod lists every unknown field in one message. */
const maxIssueChars = 300;

function furtherIssues(count: number): Issue {
  return { path: '', message: `And ${count - maxIssues} more issues` };
}

function toIssue({ path, message: text }: z.core.$ZodIssue): Issue {
  const message = text.length > maxIssueChars ? `${text.slice(0, maxIssueChars)}…` : text;
  return { path: z.core.toDotPath(path), message };
}
