import type { JsonObject } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Issue } from '../core/errors.ts';

/** What is noticed while a request is read: what cannot be had, and what was passed over. */
export type DecodeContext = {
  readonly issues: readonly Issue[];
  refuse(path: string, message: string): void;
  /** Notes the fields that nothing here reads. One that says nothing (null, false) is no loss. */
  ignore(fields: JsonObject, path?: string): void;
  /** Notes an option that was read and has no effect. */
  warn(option: string, message: string): void;
  warnings(): readonly Warning[];
};

/** A request may hold any number of unknown fields; nobody reads more than some. */
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
        warned.set(option, 'Parley has no such option; left out');
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
