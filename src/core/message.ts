import { z } from 'zod';
import './validation-messages.ts';
import { shapeProblem } from './json-shape.ts';
import { imageInput, type MediaPart, mediaInput } from './media.ts';
import { optional } from './optional.ts';

/** One message of a conversation: the caller's form and the form that codecs read. */

export const roles = ['system', 'user', 'assistant', 'tool'] as const;

/** `cacheBreakpoint`: the provider should cache the prompt up to and including this part. */
export type TextPart = { readonly type: 'text'; readonly text: string; readonly cacheBreakpoint?: true };
export type ContentPart = TextPart | MediaPart;

/** `arguments` is the JSON text of an object; a model may write invalid JSON. */
export type ToolCall = { readonly id: string; readonly name: string; readonly arguments: string };

export type Message =
  | { readonly role: 'system'; readonly text: string; readonly cacheBreakpoint?: true }
  | { readonly role: 'user'; readonly parts: readonly ContentPart[] }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly toolCalls: readonly ToolCall[];
      readonly providerState: string | undefined;
      /** Its reasoning in plain text, from clients that keep no provider state. */
      readonly reasoning?: string | undefined;
      readonly cacheBreakpoint?: true;
    }
  | {
      readonly role: 'tool';
      readonly toolCallId: string;
      readonly text: string;
      /** The tool failed, and the text says how. */
      readonly isError?: true;
      /** The whole result, where it holds more than text. */
      readonly parts?: readonly ContentPart[];
      readonly cacheBreakpoint?: true;
    };

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
  /** Characters of `promptCache.key`. */
  promptCacheKey: 256,
  /** Further attempts at an answer that does not follow its schema. */
  repairs: 3,
} as const;

export const id = z.string().min(1).max(chatLimits.id);

const contentPart = z
  .strictObject({
    text: optional(z.string()),
    image: optional(imageInput),
    file: optional(mediaInput('file')),
    audio: optional(mediaInput('audio')),
    video: optional(mediaInput('video')),
    cacheBreakpoint: optional(z.boolean()),
  })
  .superRefine(({ cacheBreakpoint: _, ...part }, context) => {
    if (Object.values(part).filter((given) => given !== undefined).length !== 1) {
      context.addIssue('Give exactly one of "text", "image", "file", "audio" and "video"');
    }
  })
  .transform(({ text, image, file, audio, video, cacheBreakpoint }): ContentPart => {
    const part = image ?? file ?? audio ?? video ?? ({ type: 'text', text: text ?? '' } as const);
    return cacheBreakpoint ? { ...part, cacheBreakpoint } : part;
  });

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
    isError: optional(z.boolean()),
    providerState: optional(z.string()),
    reasoning: optional(z.string()),
    cacheBreakpoint: optional(z.boolean()),
  })
  .superRefine((given, context) => {
    const refuse = (field: keyof typeof given, text: string) =>
      context.addIssue({ code: 'custom', path: [field], message: text });
    const { role, content, parts, toolCalls, toolCallId, isError, providerState, reasoning } = given;
    if (content !== undefined && parts) refuse('parts', 'Give "content" or "parts", not both');
    if (role !== 'assistant' && toolCalls) refuse('toolCalls', 'Only an assistant message carries tool calls');
    if (role !== 'assistant' && providerState !== undefined) {
      refuse('providerState', 'Only an assistant message carries provider state');
    }
    if (role !== 'assistant' && reasoning !== undefined) refuse('reasoning', 'Only an assistant message has reasoning');
    if (role !== 'tool' && isError !== undefined) refuse('isError', 'Only a tool message reports an error');
    if (role !== 'tool' && toolCallId !== undefined) refuse('toolCallId', 'Only a tool message has a toolCallId');
    if (role === 'tool' && toolCallId === undefined)
      refuse('toolCallId', 'A tool message needs the toolCallId of the call that it answers');
    if (content === undefined && !parts && !(role === 'assistant' && (toolCalls?.length || providerState))) {
      refuse('content', 'A message needs "content" or "parts"');
    }
    if (role !== 'user' && role !== 'tool') {
      for (const [index, { type }] of parts?.entries() ?? []) {
        if (type === 'text') continue;
        const text = 'Only user and tool messages carry images, files, audio and video';
        context.addIssue({ code: 'custom', path: ['parts', index, type], message: text });
      }
    }
  })
  .transform((given): Message => {
    const parts = withBreakpoint(given.parts ?? [{ type: 'text', text: given.content ?? '' }], given.cacheBreakpoint);
    const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    const cached = parts.some(({ cacheBreakpoint }) => cacheBreakpoint) && ({ cacheBreakpoint: true } as const);
    switch (given.role) {
      case 'system':
        return { role: 'system', text, ...cached };
      case 'user':
        return { role: 'user', parts };
      case 'assistant':
        return {
          role: 'assistant',
          text,
          toolCalls: given.toolCalls ?? [],
          providerState: given.providerState,
          ...(given.reasoning && { reasoning: given.reasoning }),
          ...cached,
        };
      case 'tool': {
        const hasMedia = parts.some(({ type }) => type !== 'text');
        const isError = given.isError && ({ isError: true } as const);
        return {
          role: 'tool',
          toolCallId: given.toolCallId ?? '',
          text,
          ...isError,
          ...(hasMedia && { parts }),
          ...cached,
        };
      }
    }
  });

/** A breakpoint of a message is one after its last part. */
function withBreakpoint(parts: readonly ContentPart[], isBreakpoint: boolean | undefined): readonly ContentPart[] {
  return isBreakpoint
    ? parts.map((part, index) => (index < parts.length - 1 ? part : { ...part, cacheBreakpoint: true }))
    : parts;
}

/** The media of a message, each with its place among the parts. */
export function mediaOf(message: Message): readonly { readonly place: number; readonly part: MediaPart }[] {
  const parts = message.role === 'user' || message.role === 'tool' ? (message.parts ?? []) : [];
  return parts.flatMap((part, place) => (part.type === 'text' ? [] : [{ place, part }]));
}
