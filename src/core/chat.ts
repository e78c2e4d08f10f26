import { z } from 'zod';
import { disconnectPolicies } from './disconnect-policy.ts';
import { GatewayError, type Issue } from './errors.ts';
import { chatLimits, id, type Message, message, optional } from './message.ts';

/**
 * The chat request: one schema for all faces, so that every rule and limit is stated once. The input has the shape of
 * GraphQL's ChatInput; the output is what codecs read.
 */

export const reasoningEfforts = ['auto', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
export const toolChoiceModes = ['auto', 'none', 'required'] as const;

export type ReasoningEffort = (typeof reasoningEfforts)[number];
export type ResponseFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description?: string | undefined;
      readonly schema: JsonObject;
      readonly strict?: boolean | undefined;
    };

export type ToolChoice = (typeof toolChoiceModes)[number] | { readonly tool: string };
export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

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
      z.strictObject({ name, description: optional(z.string()), schema: jsonObject, strict: optional(z.boolean()) }),
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

const model = z.string().min(1).max(chatLimits.model);

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
};
export const targetParameters = z.strictObject(parameters);
export type TargetParameters = Readonly<z.output<typeof targetParameters>>;

/** Rules for single values. */
const shape = z.strictObject({
  model,
  provider: optional(z.string().min(1).max(chatLimits.name)),
  messages: z.array(message).min(1, 'At least one message is needed').max(chatLimits.messages),
  systemMessage: optional(z.string()),
  ...parameters,
  responseFormat: optional(responseFormat),
  tools: optional(z.array(tool).max(chatLimits.tools)),
  toolChoice: optional(toolChoice),
  parallelToolCalls: optional(z.boolean()),
  fallbacks: optional(z.array(model).max(chatLimits.fallbacks)),
  user: optional(z.string().max(chatLimits.id)),
  requestId: optional(id),
  onDisconnect: optional(z.enum(disconnectPolicies)),
});

/** Rules between values. */
function* contradictions({ tools, toolChoice, messages }: z.output<typeof shape>): Iterable<Issue> {
  const names = new Set<string>();
  for (const [index, { name: toolName }] of tools?.entries() ?? []) {
    if (names.has(toolName)) yield { path: `tools[${index}].name`, message: 'Another tool has this name' };
    names.add(toolName);
  }
  if (names.size === 0 && toolChoice !== undefined && toolChoice !== 'none') {
    yield { path: 'toolChoice', message: 'A tool choice needs "tools"' };
  } else if (typeof toolChoice === 'object' && !names.has(toolChoice.tool)) {
    yield { path: 'toolChoice.tool', message: 'No tool of this name is offered' };
  }
  yield* unpairedCalls(messages);
  if (messages.every((message) => message.role === 'system')) {
    yield { path: 'messages', message: 'At least one message besides system messages is needed' };
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

function toRequest({ systemMessage, messages, tools, ...rest }: z.output<typeof shape>) {
  const system: Message[] = systemMessage ? [{ role: 'system', text: systemMessage }] : [];
  return { ...rest, tools: tools ?? [], messages: [...system, ...messages] };
}

export type ChatRequest = Readonly<ReturnType<typeof toRequest>>;
export type Tool = ChatRequest['tools'][number];

/** Validates what a face received. Reports every issue at once, each with its path. */
export function parseChatRequest(input: unknown): ChatRequest {
  const oversized = [...lengthIssues(input)];
  if (oversized.length > 0) throw toInvalidRequest(oversized);
  const { success, data, error } = read(input);
  const issues = success ? [...contradictions(data)] : error.issues.map(toIssue);
  if (success && issues.length === 0) return toRequest(data);
  throw toInvalidRequest(issues);
}

/** Lists that are too long, found before any of their items is looked at: zod validates all items before it counts them. */
function* lengthIssues(input: unknown): Iterable<Issue> {
  if (!isJsonObject(input)) return;
  const lists = { messages: chatLimits.messages, tools: chatLimits.tools, stop: chatLimits.stop };
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

/** zod reads `length` of any value that has one, before it checks that it is a number. */
function read(input: unknown) {
  try {
    return shape.safeParse(input);
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
