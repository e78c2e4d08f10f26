import type { Redis } from 'ioredis';

export type Script = (keys: readonly string[], ...args: readonly (string | number)[]) => Promise<unknown>;

/** A Lua script, which runs as one step: nobody else's commands come in between. Sent once, and called by its hash. */
export function createScript(client: Redis, name: string, lua: string): Script {
  client.defineCommand(name, { lua });
  // The client gets a method by this name, which its type cannot know.
  const commands = client as unknown as Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;
  return async (keys, ...args) => commands[name]?.(keys.length, ...keys, ...args);
}
