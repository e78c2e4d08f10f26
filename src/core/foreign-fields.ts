import { z } from 'zod';
import { isJsonObject, type JsonObject } from './json-object.ts';
import { optional } from './optional.ts';

/** HTTP APIs whose form both a REST path of this gateway and the wire of a provider may have. */
export const requestForms = ['chat-completions', 'messages'] as const;
export type RequestForm = (typeof requestForms)[number];

/**
 * Fields of a REST path's form that ChatInput does not have. They go on as they are to a provider whose wire has the same
 * form, and are named in warnings elsewhere.
 */
export const foreignFields = z.strictObject({
  form: z.enum(requestForms),
  fields: z.custom<JsonObject>(isJsonObject, 'Expected a JSON object'),
  /** Tools of types that only this form has. They are no option: a provider that does not know them refuses the request. */
  tools: optional(z.array(z.custom<JsonObject>(isJsonObject, 'Expected a JSON object'))),
  /** Request headers that such fields need. */
  headers: optional(z.record(z.string(), z.string())),
});
export type ForeignFields = Readonly<z.output<typeof foreignFields>>;
