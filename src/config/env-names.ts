import { z } from 'zod';

/** Settings that hold the name of an environment variable. */
export const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'Expected the name of an environment variable');

/** Names of one provider's environment variables. */
export function keyVariable(provider: string): string {
  return `${prefix(provider)}_API_KEY`;
}

export function baseUrlVariable(provider: string): string {
  return `${prefix(provider)}_BASE_URL`;
}

function prefix(provider: string): string {
  return provider.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
}
