const maxChars = 128;

/**
 * A name that a caller chose, as it may stand in a log or a trace: it is theirs, and could be anything. What does not look
 * like a name is not repeated.
 */
export function plainName(name: string): string {
  return /^[\w.:@/#+~-]*$/.test(name) && name.length <= maxChars ? name : '(no name)';
}
