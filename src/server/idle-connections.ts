/**
 * Connections of clients that no request uses. They stay open for a while, but make room when the process has no socket or
 * file descriptor left to reach a provider.
 */
export type IdleConnections = {
  /** Adds a server's way of closing its idle connections. */
  add(close: () => void): void;
  close(): void;
};

export function createIdleConnections(): IdleConnections {
  const closers = new Set<() => void>();
  return {
    add: (close) => void closers.add(close),
    close() {
      for (const close of closers) close();
    },
  };
}
