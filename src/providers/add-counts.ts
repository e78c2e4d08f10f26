import type { WireObject } from './read-json.ts';

/** Usage of several events, added field by field: a later value replaces an earlier one, but null and 0 replace no known count. */
export function addCounts(known: WireObject, next: WireObject): WireObject {
  const given = Object.entries(next).filter(([field, value]) => value || known[field] === undefined);
  return { ...known, ...Object.fromEntries(given) };
}
