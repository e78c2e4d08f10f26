import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';

/** Options that Mistral does not accept together. */
export function settleOptions(request: ChatRequest): { request: ChatRequest; warnings: Warning[] } {
  const { topP, temperature } = request;
  if (topP === undefined || topP === 1 || temperature !== 0) return { request, warnings: [] };
  const message = 'mistral does not support it together with temperature 0; left out';
  return { request: { ...request, topP: undefined }, warnings: [{ option: 'topP', message }] };
}
