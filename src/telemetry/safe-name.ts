const maxChars = 128;

/** Whether a name that a caller chose looks like one: it is theirs, and could be anything. */
export function isSafeName(name: string): boolean {
  return /^[\w.:@/#+~-]*$/.test(name) && name.length <= maxChars;
}

/** The name as it may stand in a log or a trace. What does not look like one is not repeated. */
export function toSafeName(name: string): string {
  return isSafeName(name) ? name : '(no name)';
}
