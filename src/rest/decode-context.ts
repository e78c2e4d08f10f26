import type { Warning } from '../core/completion.ts';
import type { Issue } from '../core/errors.ts';
import type { JsonObject } from '../core/json-object.ts';

/** Collects issues and warnings while a request is decoded. */
export type DecodeContext = {
  readonly issues: readonly Issue[];
  refuse(path: string, message: string): void;
  /** The list, or an empty one and an issue where it is longer than allowed: its items are not looked at then. */
  bounded(list: readonly unknown[], path: string, most: number): readonly unknown[];
  /** Records unknown fields. One without a value (null, false) is no loss. */
  ignore(fields: JsonObject, path?: string): void;
  /** Records an option that has no effect. */
  warn(option: string, message: string): void;
  warnings(): readonly Warning[];
};

/** A request may hold any number of unknown fields; only the first ones are named. */
const maxNamed = 20;
/** Beyond these they are not even counted. */
const maxRemembered = 1_000;
/** Issues that are reported one by one. */
const maxIssues = 50;
const maxNameChars = 64;

export function createDecodeContext(): DecodeContext {
  const issues: Issue[] = [];
  const warned = new Map<string, string>();
  return {
    issues,
    refuse(path, message) {
      if (issues.length < maxIssues) issues.push({ path, message });
      else if (issues.length === maxIssues) issues.push({ path: '', message: 'And more issues' });
    },
    ignore(fields, path) {
      for (const [name, value] of Object.entries(fields)) {
        if (warned.size >= maxRemembered) return;
        if (value === null || value === false) continue;
        const option = (path === undefined ? name : `${path}.${name}`).slice(0, maxNameChars);
        warned.set(option, 'Unknown field; left out');
      }
    },
    bounded(list, path, most) {
      if (list.length <= most) return list;
      this.refuse(path, `Too many items: ${list.length}, at most ${most} are allowed`);
      return [];
    },
    warn: (option, message) => void warned.set(option, message),
    warnings() {
      const all = [...warned].map(([option, message]): Warning => ({ option, message }));
      const more = all.length - maxNamed;
      return more > 0 ? [...all.slice(0, maxNamed), { option: '...', message: `And ${more} more fields` }] : all;
    },
  };
}
