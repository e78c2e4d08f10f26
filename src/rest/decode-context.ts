import type { JsonObject } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Issue } from '../core/errors.ts';

/** Collects issues and warnings while a request is decoded. */
export type DecodeContext = {
  readonly issues: readonly Issue[];
  refuse(path: string, message: string): void;
  /** Records unknown fields. One without a value (null, false) is no loss. */
  ignore(fields: JsonObject, path?: string): void;
  /** Records an option that has no effect. */
  warn(option: string, message: string): void;
  warnings(): readonly Warning[];
};

/** A request may hold any number of unknown fields; only the first ones are named. */
const maxNamed = 20;
const maxNameChars = 64;

export function createDecodeContext(): DecodeContext {
  const issues: Issue[] = [];
  const warned = new Map<string, string>();
  return {
    issues,
    refuse: (path, message) => void issues.push({ path, message }),
    ignore(fields, path) {
      for (const [name, value] of Object.entries(fields)) {
        if (value === null || value === false) continue;
        const option = (path === undefined ? name : `${path}.${name}`).slice(0, maxNameChars);
        warned.set(option, 'Unknown field; left out');
      }
    },
    warn: (option, message) => void warned.set(option, message),
    warnings() {
      const all = [...warned].map(([option, message]): Warning => ({ option, message }));
      const more = all.length - maxNamed;
      return more > 0 ? [...all.slice(0, maxNamed), { option: '...', message: `And ${more} more fields` }] : all;
    },
  };
}
