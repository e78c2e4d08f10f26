import type { MediaPart } from '../core/media.ts';

/** The resolution of an image, for wires whose highest one is `high`. ORIGINAL asks for at least that. */
export function encodeDetail({ detail }: MediaPart): { readonly detail?: string } {
  if (detail === undefined) return {};
  return { detail: detail === 'original' ? 'high' : detail };
}
