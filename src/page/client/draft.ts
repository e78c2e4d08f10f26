import type { ChatInput, MessageInput } from 'parley-client';

/** What is being typed. Numbers are text until they are sent. */
export type Draft = {
  readonly prompt: string;
  readonly system: string;
  readonly temperature: string;
  readonly maxTokens: string;
  readonly image: { readonly name: string; readonly url: string } | undefined;
  readonly models: readonly string[];
};

export const noDraft: Draft = {
  ...{ prompt: '', system: '', temperature: '', maxTokens: '', image: undefined, models: [] },
};

const place = 'parley:draft';

/** What was typed and chosen before the page was loaded again. */
export function rememberedDraft(): Draft | undefined {
  try {
    const stored = sessionStorage.getItem(place);
    // Only this module writes to this key.
    return stored === null ? undefined : { ...noDraft, ...(JSON.parse(stored) as Partial<Draft>) };
  } catch {
    return undefined;
  }
}

/** Kept in this browser, without the image. */
export function rememberDraft(draft: Draft): void {
  try {
    sessionStorage.setItem(place, JSON.stringify({ ...draft, image: undefined }));
  } catch {
    // No room: a reload begins with an empty page.
  }
}

/** A number as it was typed, with a point or a comma. Undefined for nothing, NaN for anything else. */
export function typedNumber(text: string): number | undefined {
  const given = text.trim().replace(',', '.');
  return given === '' ? undefined : Number(given);
}

export const mostModels = 4;

/** The input for one model. Its requestId makes sure that no repetition is paid for. */
export function toChatInput(draft: Draft, model: string, requestId: string): ChatInput {
  const temperature = typedNumber(draft.temperature);
  const maxTokens = typedNumber(draft.maxTokens);
  return {
    model,
    ...(draft.system.trim() && { systemMessage: draft.system }),
    messages: [toMessage(draft)],
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    requestId,
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
