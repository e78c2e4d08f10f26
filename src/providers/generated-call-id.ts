/**
 * An id for a tool call that came without one. Unique within an answer, and across the turns of a conversation as far
 * as the provider's answer ids are.
 */
export function generateCallId(answerId: string | undefined, index: number): string {
  return `call_${answerId ?? 'parley'}_${index}`;
}
