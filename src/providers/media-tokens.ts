import type { MediaTokens } from '../core/completion.ts';

/** The counts that are there, or nothing. A count of zero says nothing. */
export function toMediaTokens(counts: { readonly [kind in keyof MediaTokens]?: number | undefined }): {
  readonly mediaTokens?: MediaTokens;
} {
  const known = Object.entries(counts).filter(([, count]) => count !== undefined && count > 0);
  return known.length > 0 ? { mediaTokens: Object.fromEntries(known) } : {};
}
