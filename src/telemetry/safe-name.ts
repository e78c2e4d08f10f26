const maxChars = 128;

/** Whether a caller's name looks like one; it may be anything. */
export function isSafeName(name: string): boolean {
  return /^[\w.:@/#+~-]*$/.test(name) && name.length <= maxChars;
}

/** The name for logs and traces. Text that does not look like a name is replaced. */
export function toSafeName(name: string): string {
  return isSafeName(name) ? name : '(no name)';
}
