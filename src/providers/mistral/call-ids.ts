import type { Message } from '../../core/message.ts';
import { hash } from '../hash.ts';

/**
 * Mistral requires ids of exactly nine letters and digits, and refuses others with 400 (code 3280). Another provider's
 * id is replaced by its hash: the same in call and result and in every later request.
 */

const fits = /^[a-zA-Z0-9]{9}$/;
const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const base = BigInt(digits.length);
const idCount = base ** 9n;

export function withMistralIds(messages: readonly Message[]): Message[] {
  const ids = toMistralIds(messages.flatMap(idsOf));
  const short = (id: string) => ids.get(id) ?? id;
  return messages.map((message) => {
    switch (message.role) {
      case 'assistant':
        return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, id: short(call.id) })) };
      case 'tool':
        return { ...message, toolCallId: short(message.toolCallId) };
      default:
        return message;
    }
  });
}

function idsOf(message: Message): readonly string[] {
  switch (message.role) {
    case 'assistant':
      return message.toolCalls.map(({ id }) => id);
    case 'tool':
      return [message.toolCallId];
    default:
      return [];
  }
}

/** Distinct ids stay distinct: on a collision the next free id is taken. */
function toMistralIds(ids: readonly string[]): ReadonlyMap<string, string> {
  const distinct = [...new Set(ids)];
  // Valid ids stay as they are, so they are reserved before others are assigned.
  const used = new Set(distinct.filter((id) => fits.test(id)));
  const short = new Map<string, string>();
  for (const id of distinct) {
    if (fits.test(id)) continue;
    let index = hash(id) % idCount;
    while (used.has(toBase62(index))) index = (index + 1n) % idCount;
    used.add(toBase62(index));
    short.set(id, toBase62(index));
  }
  return short;
}

function toBase62(index: bigint): string {
  let written = '';
  for (let rest = index; written.length < 9; rest /= base) written += digits[Number(rest % base)];
  return written;
}
