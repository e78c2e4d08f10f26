/** Who asks. What belongs to one caller (request ids, limits, usage) is neither seen nor held up by another. */
export type Caller = { readonly id: string };

/** Everybody, where nobody has to say who they are. */
export const anonymous: Caller = { id: 'anonymous' };
