import type { ResponseFormat } from '../core/chat.ts';
import type { Message } from '../core/message.ts';

/** Requests JSON in the prompt, where a wire or model has no native way. */
export function askForJson(format: ResponseFormat): string {
  const instruction = 'Answer with one JSON object and nothing else.';
  if (format.type === 'json_object') return instruction;
  return `${instruction} It must follow this JSON schema:\n${JSON.stringify(format.schema)}`;
}

/** Several hosts refuse JSON mode when no message contains the word. */
export function mentionsJson(messages: readonly Message[]): boolean {
  return messages.some((message) =>
    message.role === 'user'
      ? message.parts.some((part) => part.type === 'text' && /json/i.test(part.text))
      : /json/i.test(message.text),
  );
}

/**
 * The instruction joins the first system message. Some models and chat templates refuse another one ("System message
 * must be at the beginning").
 */
export function withInstruction(messages: readonly Message[], instruction: string | undefined): readonly Message[] {
  if (instruction === undefined) return messages;
  const [first, ...others] = messages;
  if (first?.role !== 'system') return [{ role: 'system', text: instruction }, ...messages];
  return [{ role: 'system', text: `${first.text}\n\n${instruction}` }, ...others];
}
