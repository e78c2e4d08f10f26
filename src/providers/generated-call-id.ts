/**
 * An id for a tool call that came without one: unique within an answer and, because it is derived from the answer's id
 * or generated at random, across answers.
 */
export function generateCallId(answerId: string | undefined, index: number): string {
  return `call_${answerId ?? 'parley'}_${index}`;
}
