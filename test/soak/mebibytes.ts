/** With one digit, for display. */
export const toMiB = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
