import type { Message } from '../core/message.ts';
import { hash } from './hash.ts';

/**
 * Ids of tool calls as a provider's wire takes them. A conversation may go on with another provider than it began with, so
 * an id that does not fit is replaced by its hash, the same in call and result and in every later request; and ids are unique
 * over the conversation, for servers that number the calls of each answer from 0.
 */
export type CallIdRule = {
  readonly fits: RegExp;
  /** Characters and length of a replacement. */
  readonly digits: string;
  readonly length: number;
};

const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export const callIdRules = {
  /** "String should match pattern '^[a-zA-Z0-9_-]+$'" (400). */
  anthropic: { fits: /^[a-zA-Z0-9_-]{1,64}$/, digits: alphanumeric, length: 11 },
  /** Exactly nine letters and digits (400, code 3280). */
  mistral: { fits: /^[a-zA-Z0-9]{9}$/, digits: alphanumeric, length: 9 },
  /** "Expected a string with maximum length 40" (400) at `messages[].tool_calls[].id`. */
  chatCompletions: { fits: /^.{1,40}$/s, digits: alphanumeric, length: 11 },
  /** "Expected a string with maximum length 64" (400) at `input[].call_id`. */
  responses: { fits: /^.{1,64}$/s, digits: alphanumeric, length: 11 },
  /** Any id: calls and results are matched by name and order (Google) or by any text (Cohere). */
  any: { fits: /^./s, digits: alphanumeric, length: 11 },
} as const satisfies Readonly<Record<string, CallIdRule>>;

export function withCallIds<Kind extends Message>(messages: readonly Kind[], rule: CallIdRule): readonly Kind[] {
  if (!messages.some((message) => message.role === 'tool' || hasCalls(message))) return messages;
  const wireIds = createWireIds(messages, rule);
  return messages.map((message) => {
    switch (message.role) {
      case 'assistant':
        return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, id: wireIds.ofCall(call.id) })) };
      case 'tool':
        return { ...message, toolCallId: wireIds.ofResult(message.toolCallId) };
      default:
        return message;
    }
  });
}

function hasCalls(message: Message): boolean {
  return message.role === 'assistant' && message.toolCalls.length > 0;
}

function createWireIds(messages: readonly Message[], { fits, digits, length }: CallIdRule) {
  // Ids that fit stay as they are, so they are reserved before others are replaced.
  const reserved = new Set(messages.flatMap(idsOf).filter((id) => fits.test(id)));
  const given = new Set<string>();
  const counts = new Map<string, number>();
  /** Calls by their id, and how many of them have a result. */
  const queues = new Map<string, { readonly wireIds: string[]; answered: number }>();

  function replacement(id: string, occurrence: number): string {
    const total = BigInt(digits.length) ** BigInt(length);
    let number = hash(occurrence === 0 ? id : `${id}#${occurrence}`) % total;
    const write = () => {
      let written = '';
      for (let rest = number; written.length < length; rest /= BigInt(digits.length)) {
        written += digits.charAt(Number(rest % BigInt(digits.length)));
      }
      return written;
    };
    let written = write();
    while (reserved.has(written) || given.has(written)) {
      // Not the next number: a conversation could reserve a long row of them.
      number = hash(`${id}#${number}`) % total;
      written = write();
    }
    return written;
  }

  function ofCall(id: string): string {
    const occurrence = counts.get(id) ?? 0;
    counts.set(id, occurrence + 1);
    const isFree = occurrence === 0 && fits.test(id);
    const wireId = isFree ? id : replacement(id, occurrence);
    given.add(wireId);
    const queue = queues.get(id) ?? { wireIds: [], answered: 0 };
    queue.wireIds.push(wireId);
    queues.set(id, queue);
    return wireId;
  }

  /** Results of calls that share an id belong to them in order. */
  function ofResult(id: string): string {
    const queue = queues.get(id);
    if (!queue) return fits.test(id) ? id : replacement(id, 0);
    const next = queue.wireIds[queue.answered] ?? queue.wireIds.at(-1) ?? id;
    queue.answered = Math.min(queue.answered + 1, queue.wireIds.length);
    return next;
  }

  return { ofCall, ofResult };
}

function idsOf(message: Message): readonly string[] {
  if (message.role === 'tool') return [message.toolCallId];
  return message.role === 'assistant' ? message.toolCalls.map(({ id }) => id) : [];
}
