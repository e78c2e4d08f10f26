/**
 * An id for a tool call that came without one. Unique within an answer and across answers: clients with normalized caches
 * (Apollo, urql) take two objects of one id for the same. It is derived from the answer's id, or random without one.
 */
export function generateCallId(answerId: string | undefined, index: number): string {
  return `call_${answerId ?? crypto.randomUUID().replaceAll('-', '').slice(0, 16)}_${index}`;
}
