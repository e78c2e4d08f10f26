import { z } from 'zod';
import './validation-messages.ts';
import { shapeProblem } from './json-shape.ts';

/** One message of a conversation: the caller's form and the form that codecs read. */

export const roles = ['system', 'user', 'assistant', 'tool'] as const;
export const imageDetails = ['auto', 'low', 'high'] as const;

export type ImageDetail = (typeof imageDetails)[number];

export type TextPart = { readonly type: 'text'; readonly text: string };
export type ImagePart = { readonly type: 'image'; readonly url: string; readonly detail?: ImageDetail | undefined };
export type ContentPart = TextPart | ImagePart;

/** `arguments` is the JSON text of an object; a model may write invalid JSON. */
export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string };

export type Message =
  | { readonly role: 'system'; readonly text: string }
  | { readonly role: 'user'; readonly parts: readonly ContentPart[] }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      readonly providerState: string | undefined;
      /** Its reasoning in plain text, from clients that keep no provider state. */
      readonly reasoning?: string | undefined;
    }
  | { readonly role: 'tool'; readonly toolCallId: string; readonly text: string };

/** Limits of all faces and providers. A codec warns or refuses where its provider is stricter. */
export const chatLimits = {
  messages: 1000,
  parts: 100,
  tools: 128,
  stop: 16,
  /** Characters of one stop sequence. */
  stopChars: 500,
  fallbacks: 8,
  name: 64,
  id: 256,
  model: 256,
} as const;

/** `null` means "not given", as GraphQL and OpenAI clients use it. */
export function optional<T extends z.ZodType>(schema: T) {
  // Outermost, so that zod returns at once where nothing is given, which is the case for most options of most requests.
  return schema
    .nullable()
    .transform((value): z.output<T> | undefined => value ?? undefined)
    .optional();
}

export const id = z.string().min(1).max(chatLimits.id);

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

/** JSON that codecs parse and write again, which is recursive. It need not be valid: models write the arguments of calls. */
const nestedJson = z.string().superRefine((text, context) => {
  const problem = shapeProblem(text);
  if (problem !== undefined) context.addIssue(`Expected JSON that is not ${problem}`);
});

const toolCall = z.strictObject({ id, name: z.string().min(1), arguments: nestedJson });

export const message = z
  .strictObject({
    role: z.enum(roles),
    content: optional(z.string()),
    parts: optional(z.array(contentPart).min(1).max(chatLimits.parts)),
    toolCalls: optional(z.array(toolCall).max(chatLimits.tools)),
    toolCallId: optional(id),
    providerState: optional(z.string()),
    reasoning: optional(z.string()),
  })
  .superRefine((given, context) => {
    const refuse = (field: keyof typeof given, text: string) =>
      context.addIssue({ code: 'custom', path: [field], message: text });
    const { role, content, parts, toolCalls, toolCallId, providerState, reasoning } = given;
    if (content !== undefined && parts) refuse('parts', 'Give "content" or "parts", not both');
    if (role !== 'assistant' && toolCalls) refuse('toolCalls', 'Only an assistant message carries tool calls');
    if (role !== 'assistant' && providerState !== undefined) {
      refuse('providerState', 'Only an assistant message carries provider state');
    }
    if (role !== 'assistant' && reasoning !== undefined) refuse('reasoning', 'Only an assistant message has reasoning');
    if (role !== 'tool' && toolCallId !== undefined) refuse('toolCallId', 'Only a tool message has a toolCallId');
    if (role === 'tool' && toolCallId === undefined)
      refuse('toolCallId', 'A tool message needs the toolCallId of the call that it answers');
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
        return {
          role: 'assistant',
          text,
          toolCalls: given.toolCalls ?? [],
          providerState: given.providerState,
          ...(given.reasoning && { reasoning: given.reasoning }),
        };
      case 'tool':
        return { role: 'tool', toolCallId: given.toolCallId ?? '', text };
    }
  });
