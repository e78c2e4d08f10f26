/** In one moment calls are counted, and in the next they are not. Long beside the time in which garbage is collected: who makes it pays for it. */
export const momentMs = 500;

export type Moment = { readonly isCounted: boolean; readonly microseconds: number; readonly calls: number };
