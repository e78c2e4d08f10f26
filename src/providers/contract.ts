import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/model.ts';

/** Options that change what an answer is. A target that cannot honour one is refused before anything is sent. */

export function refuse(option: string, message: string): never {
  throw new GatewayError('UNSUPPORTED_OPTION', message, { issues: [{ path: option, message }] });
}

export function hasImages(request: ChatRequest): boolean {
  return request.messages.some(
    (message) => message.role === 'user' && message.parts.some((part) => part.type === 'image'),
  );
}

/** Refuses what the catalogue says this model cannot do. What it does not know is allowed. */
export function checkFacts(request: ChatRequest, { model, facts }: Target): void {
  if (!facts) return;
  if (request.tools.length > 0 && facts.tools === false) refuse('tools', `${model} does not take tools.`);
  if (hasImages(request) && !facts.inputModalities.includes('image'))
    refuse('messages', `${model} does not take images.`);
  if (
    request.tools.length > 0 &&
    facts.toolsWithReasoning === false &&
    request.reasoningEffort !== undefined &&
    request.reasoningEffort !== 'auto' &&
    request.reasoningEffort !== 'none'
  ) {
    refuse('reasoningEffort', `${model} does not reason while tools are offered; set reasoningEffort to NONE.`);
  }
}
