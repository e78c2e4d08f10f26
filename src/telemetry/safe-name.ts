const maxChars = 128;

/** Whether a name that a caller chose looks like one: it is theirs, and could be anything. */
export function isPlainName(name: string): boolean {
  return /^[\w.:@/#+~-]*$/.test(name) && name.length <= maxChars;
}

/** The name as it may stand in a log or a trace. What does not look like one is not repeated. */
export function plainName(name: string): string {
  return isPlainName(name) ? name : '(no name)';
}
