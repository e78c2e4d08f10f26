import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/model.ts';

/** Options that change what an answer is. A target that does not support one is refused before anything is sent. */

export function refuse(option: string, message: string): never {
  throw new GatewayError('UNSUPPORTED_OPTION', message, { issues: [{ path: option, message }] });
}

export function hasImages(request: ChatRequest): boolean {
  return imageUrls(request).length > 0;
}

export function imageUrls({ messages }: ChatRequest): string[] {
  return messages.flatMap((message) =>
    message.role === 'user' ? message.parts.flatMap((part) => (part.type === 'image' ? part.url : [])) : [],
  );
}

/** Checks inline images; the type behind an https URL is not known here. */
export function checkImageTypes(request: ChatRequest, provider: string, types: readonly string[]): void {
  const sent = imageUrls(request).flatMap((url) => /^data:([^;]+);/.exec(url)?.[1] ?? []);
  if (sent.some((type) => !types.includes(type))) refuse('messages', `${provider} reads ${types.join(' and ')} alone.`);
}

/** Refuses what the catalogue says this model cannot do. Unknown facts allow it. */
export function checkFacts(request: ChatRequest, { model, facts }: Target): void {
  if (!facts) return;
  if (request.tools.length > 0 && facts.tools === false) refuse('tools', `${model} does not support tools.`);
  if (hasImages(request) && facts.inputModalities?.includes('image') === false)
    refuse('messages', `${model} does not support images.`);
}

/** Whether the model has to call a tool, which several providers refuse while it reasons. */
export function forcesTool({ toolChoice, tools }: ChatRequest): boolean {
  return tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object');
}
