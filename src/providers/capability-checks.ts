import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/model.ts';

/** Options that change what an answer is. A target that cannot honour one is refused before anything is sent. */

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

/** Looks at the images that travel inside; what an https URL leads to shows only there. */
export function checkImageTypes(request: ChatRequest, provider: string, types: readonly string[]): void {
  const sent = imageUrls(request).flatMap((url) => /^data:([^;]+);/.exec(url)?.[1] ?? []);
  if (sent.some((type) => !types.includes(type))) refuse('messages', `${provider} reads ${types.join(' and ')} alone.`);
}

/** Refuses what the catalogue says this model cannot do. What it does not know is allowed. */
export function checkFacts(request: ChatRequest, { model, facts }: Target): void {
  if (!facts) return;
  if (request.tools.length > 0 && facts.tools === false) refuse('tools', `${model} does not take tools.`);
  if (hasImages(request) && facts.inputModalities?.includes('image') === false)
    refuse('messages', `${model} does not take images.`);
}

/** Whether the model has to call a tool, which several providers refuse while it reasons. */
export function forcesTool({ toolChoice, tools }: ChatRequest): boolean {
  return tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object');
}
