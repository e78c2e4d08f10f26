import type { Redis } from 'ioredis';

export type Script = (keys: readonly string[], ...args: readonly (string | number)[]) => Promise<unknown>;

/** A Lua script, run as one atomic step. Sent once, then called by its hash. */
export function createScript(client: Redis, name: string, lua: string): Script {
  client.defineCommand(name, { lua });
  // The client gets a method of this name, which its type does not know.
  const commands = client as unknown as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  return async (keys, ...args) => commands[name]?.(keys.length, ...keys, ...args);
}
