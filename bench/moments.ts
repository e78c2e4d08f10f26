/** Alternating periods with and without telemetry. Long compared with a garbage collection, so that each period pays for its own. */
export const momentMs = 500;

export type Moment = { readonly isCounted: boolean; readonly microseconds: number; readonly calls: number };
