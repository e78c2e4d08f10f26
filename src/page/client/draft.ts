import type { ChatInput, MessageInput } from './operations.ts';

/** What is being typed. Numbers are text until they are sent. */
export type Draft = {
  readonly prompt: string;
  readonly system: string;
  readonly temperature: string;
  readonly maxTokens: string;
  readonly image: { readonly name: string; readonly url: string } | undefined;
  readonly models: readonly string[];
};

export const mostModels = 4;

/** The input for one model. Its requestId makes sure that no repetition is paid for. */
export function toChatInput(draft: Draft, model: string, requestId: string): ChatInput {
  const temperature = Number.parseFloat(draft.temperature.replace(',', '.'));
  const maxTokens = Number.parseInt(draft.maxTokens, 10);
  return {
    model,
    ...(draft.system.trim() && { systemMessage: draft.system }),
    messages: [toMessage(draft)],
    ...(Number.isFinite(temperature) && { temperature }),
    ...(Number.isFinite(maxTokens) && { maxTokens }),
    requestId,
    onDisconnect: 'WAIT',
  };
}

function toMessage({ prompt, image }: Draft): MessageInput {
  if (!image) return { role: 'USER', content: prompt };
  return { role: 'USER', parts: [{ text: prompt }, { image: { url: image.url } }] };
}

/** The input without its image, which would take too much storage. */
export function withoutImage(input: ChatInput): ChatInput {
  if (!input.messages.some(({ parts }) => parts)) return input;
  const messages = input.messages.map((message): MessageInput => {
    const texts = message.parts?.flatMap(({ text }) => text ?? []);
    return texts ? { role: message.role, content: texts.join('\n') } : message;
  });
  return { ...input, messages };
}

/** `crypto.randomUUID` is missing on pages that were loaded over plain HTTP. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
