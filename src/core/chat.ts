import { z } from 'zod';
import { GatewayError, type Issue } from './errors.ts';

/**
 * What a caller asks for: one schema for both faces, so that every rule and limit is stated once.
 * Input has the shape of GraphQL's ChatInput; output is what adapters read.
 */

export const roles = ['system', 'user', 'assistant', 'tool'] as const;
export const imageDetails = ['auto', 'low', 'high'] as const;
export const reasoningEfforts = ['auto', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const;
export const toolChoiceModes = ['auto', 'none', 'required'] as const;

export type ReasoningEffort = (typeof reasoningEfforts)[number];
export type ImageDetail = (typeof imageDetails)[number];

export type TextPart = { readonly type: 'text'; readonly text: string };
export type ImagePart = { readonly type: 'image'; readonly url: string; readonly detail: ImageDetail | undefined };
export type ContentPart = TextPart | ImagePart;

/** `arguments` is JSON text, an object; a model may write text that is not. */
export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string };

export type Message =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly parts: readonly ContentPart[] }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      readonly providerState: string | undefined;
    }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly text: string };

export type ResponseFormat =
  | { readonly type: 'json_object' }
  | {
      readonly type: 'json_schema';
      readonly name: string;
      readonly description: string | undefined;
      readonly schema: JsonObject;
      readonly strict: boolean | undefined;
    };

export type ToolChoice = (typeof toolChoiceModes)[number] | { readonly tool: string };
export type JsonObject = { readonly [key: string]: unknown };

/** The same limits for both faces and every provider. A provider may be stricter; its adapter then warns or refuses. */
export const chatLimits = {
  messages: 1000,
  parts: 100,
  tools: 128,
  stop: 16,
  fallbacks: 8,
  name: 64,
  id: 256,
  model: 256,
} as const;

/** `null` from a caller means "not given", as GraphQL and OpenAI clients use it. */
function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value): z.output<T> | undefined => value ?? undefined);
}

const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'Expected a JSON object',
);
const name = z
  .string()
  .regex(/^[a-zA-Z0-9_-]+$/, 'Use letters, digits, "_" and "-" only')
  .max(chatLimits.name);
const id = z.string().min(1).max(chatLimits.id);

const dataUrl = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*$/;
const imageUrl = z.string().superRefine((url, context) => {
  if (dataUrl.test(url)) return;
  if (url.startsWith('data:')) {
    context.addIssue('Expected "data:image/png;base64,..." (png, jpeg, gif or webp)');
  } else if (!URL.canParse(url) || new URL(url).protocol !== 'https:') {
    context.addIssue('Expected an https URL or a data URL');
  }
});

const contentPart = z
  .strictObject({
    text: optional(z.string()),
    image: optional(z.strictObject({ url: imageUrl, detail: optional(z.enum(imageDetails)) })),
  })
  .superRefine((part, context) => {
    if ((part.text === undefined) === (part.image === undefined)) {
      context.addIssue('Give exactly one of "text" and "image"');
    }
  })
  .transform(
    ({ text, image }): ContentPart => (image ? { type: 'image', ...image } : { type: 'text', text: text ?? '' }),
  );

const toolCall = z.strictObject({ id, name: z.string().min(1), arguments: z.string() });

const message = z
  .strictObject({
    role: z.enum(roles),
    content: optional(z.string()),
    parts: optional(z.array(contentPart).min(1).max(chatLimits.parts)),
    toolCalls: optional(z.array(toolCall).max(chatLimits.tools)),
    toolCallId: optional(id),
    providerState: optional(z.string()),
  })
  .superRefine((given, context) => {
    const refuse = (field: keyof typeof given, text: string) =>
      context.addIssue({ code: 'custom', path: [field], message: text });
    const { role, content, parts, toolCalls, toolCallId, providerState } = given;
    if (content !== undefined && parts) refuse('parts', 'Give "content" or "parts", not both');
    if (role !== 'assistant' && toolCalls) refuse('toolCalls', 'Only an assistant message carries tool calls');
    if (role !== 'assistant' && providerState !== undefined) {
      refuse('providerState', 'Only an assistant message carries provider state');
    }
    if (role !== 'tool' && toolCallId !== undefined) refuse('toolCallId', 'Only a tool message names a tool call');
    if (role === 'tool' && toolCallId === undefined)
      refuse('toolCallId', 'A tool message names the call that it answers');
    if (content === undefined && !parts && !(role === 'assistant' && (toolCalls?.length || providerState))) {
      refuse('content', 'A message needs "content" or "parts"');
    }
    if (content === '' && role === 'user') refuse('content', 'The text of a user message is empty');
    if (role !== 'user') {
      for (const [index, part] of parts?.entries() ?? []) {
        if (part.type === 'image') {
          context.addIssue({
            code: 'custom',
            path: ['parts', index, 'image'],
            message: 'Only a user message carries images',
          });
        }
      }
    }
  })
  .transform((given): Message => {
    const parts = given.parts ?? [{ type: 'text', text: given.content ?? '' }];
    const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    switch (given.role) {
      case 'system':
        return { role: 'system', text };
      case 'user':
        return { role: 'user', parts };
      case 'assistant':
        return { role: 'assistant', text, toolCalls: given.toolCalls ?? [], providerState: given.providerState };
      case 'tool':
        return { role: 'tool', toolCallId: given.toolCallId ?? '', text };
    }
  });

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

/** Everything that can be said about a value by itself. */
const shape = z.strictObject({
  model,
  provider: optional(z.string().min(1).max(chatLimits.name)),
  messages: z.array(message).min(1, 'At least one message is needed').max(chatLimits.messages),
  systemMessage: optional(z.string()),
  temperature: optional(z.number().min(0).max(2)),
  topP: optional(z.number().min(0).max(1)),
  maxTokens: optional(z.int().min(1)),
  stop: optional(z.array(z.string().min(1)).max(chatLimits.stop)),
  frequencyPenalty: optional(z.number().min(-2).max(2)),
  presencePenalty: optional(z.number().min(-2).max(2)),
  seed: optional(z.int()),
  responseFormat: optional(responseFormat),
  reasoningEffort: optional(z.enum(reasoningEfforts)),
  tools: optional(z.array(tool).max(chatLimits.tools)),
  toolChoice: optional(toolChoice),
  parallelToolCalls: optional(z.boolean()),
  fallbacks: optional(z.array(model).max(chatLimits.fallbacks)),
  user: optional(z.string().max(chatLimits.id)),
  requestId: optional(id),
});

/** What values say about one another. */
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
  const calls = new Set<string>();
  for (const [index, message] of messages.entries()) {
    if (message.role === 'assistant') for (const call of message.toolCalls) calls.add(call.id);
    if (message.role === 'tool' && !calls.has(message.toolCallId)) {
      const text = 'No assistant message before it carries a tool call with this id';
      yield { path: `messages[${index}].toolCallId`, message: text };
    }
  }
  if (messages.every((message) => message.role === 'system')) {
    yield { path: 'messages', message: 'At least one message besides system messages is needed' };
  }
}

function toRequest({ systemMessage, messages, tools, ...rest }: z.output<typeof shape>) {
  const system: Message[] = systemMessage ? [{ role: 'system', text: systemMessage }] : [];
  return { ...rest, tools: tools ?? [], messages: [...system, ...messages] };
}

export type ChatRequest = Readonly<ReturnType<typeof toRequest>>;
export type Tool = ChatRequest['tools'][number];

/** Reads what a face received. Every broken rule is told at once, each with its path. */
export function parseChatRequest(input: unknown): ChatRequest {
  const { success, data, error } = shape.safeParse(input);
  const issues = success ? [...contradictions(data)] : error.issues.map(toIssue);
  const [first] = issues;
  if (success && !first) return toRequest(data);
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  throw new GatewayError('INVALID_REQUEST', `${first?.path || 'input'}: ${first?.message ?? 'invalid'}${more}`, {
    issues,
  });
}

function toIssue({ path, message: text }: z.core.$ZodIssue): Issue {
  return { path: z.core.toDotPath(path), message: text };
}
