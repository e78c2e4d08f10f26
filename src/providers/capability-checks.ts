import type { ChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/model.ts';
import type { OutputModality } from '../core/output-modalities.ts';

/** Options that change what an answer is. A target that does not support one is refused before anything is sent. */

export function refuse(option: string, message: string): never {
  throw new GatewayError('UNSUPPORTED_OPTION', message, { issues: [{ path: option, message }] });
}

/** Refuses what the catalogue says this model cannot do. Unknown facts allow it. */
export function checkFacts(request: ChatRequest, { model, facts }: Target): void {
  if (!facts) return;
  if (request.tools.length > 0 && facts.tools === false) refuse('tools', `${model} does not support tools.`);
}

/** Refuses kinds of output that the wire or, by the catalogue, the model does not have. */
export function checkOutputModalities(
  { outputModalities = [] }: ChatRequest,
  { provider, model, facts }: Target,
  supported: readonly OutputModality[] = ['text'],
): void {
  for (const modality of outputModalities) {
    const isKnownToLack = modality !== 'text' && facts?.outputModalities?.includes(modality) === false;
    if (isKnownToLack || !supported.includes(modality)) {
      refuse('outputModalities', `${model} on ${provider} does not answer with ${modality}.`);
    }
  }
}

/** Whether the model has to call a tool, which several providers refuse while it reasons. */
export function forcesTool({ toolChoice, tools }: ChatRequest): boolean {
  return tools.length > 0 && (toolChoice === 'required' || typeof toolChoice === 'object');
}
