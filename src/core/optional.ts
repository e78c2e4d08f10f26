import type { z } from 'zod';

/** `null` means "not given", as GraphQL and OpenAI clients use it. */
export function optional<T extends z.ZodType>(schema: T) {
  // Outermost, so that zod returns at once where nothing is given, which is the case for most options of most requests.
  return schema
    .nullable()
    .transform((value): z.output<T> | undefined => value ?? undefined)
    .optional();
}
