import { Buffer } from 'node:buffer';

/**
 * State that a provider wants back with the next turn (signed reasoning), as opaque text for the caller to keep.
 * It names its provider, so that it is never sent to another one.
 */
export function sealState(provider: string, state: unknown): string {
  return Buffer.from(JSON.stringify({ provider, state })).toString('base64url');
}

/** The state, if this text was sealed for this provider. Anything else is as good as none. */
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
