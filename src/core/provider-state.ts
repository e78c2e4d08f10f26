import { Buffer } from 'node:buffer';

/**
 * State that a provider wants back with the next turn (signed reasoning), as opaque text that the caller keeps. It
 * names its provider, so that no other provider gets it.
 */
export function sealState(provider: string, state: unknown): string {
  return Buffer.from(JSON.stringify({ provider, state })).toString('base64url');
}

/** The state, if the text was sealed for this provider. Other text counts as absent. */
export function openState(provider: string, sealed: string | undefined): unknown {
  if (!sealed) return undefined;
  try {
    const opened: unknown = JSON.parse(Buffer.from(sealed, 'base64url').toString('utf8'));
    if (typeof opened !== 'object' || opened === null || !('provider' in opened) || !('state' in opened))
      return undefined;
    return opened.provider === provider ? opened.state : undefined;
  } catch {
    return undefined;
  }
}
