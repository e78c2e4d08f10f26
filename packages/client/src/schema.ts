/** Schemas of tools and objects: JSON Schema, or any library of the Standard Schema (zod 4.2 and later, ArkType, ...). */

export type JsonSchema = Readonly<Record<string, unknown>>;

/** The parts of https://standardschema.dev that are used here: validation, and the JSON Schema of what is accepted. */
export type StandardSchema<Output = unknown> = {
  readonly '~standard': {
    readonly validate: (value: unknown) => Validated<Output> | Promise<Validated<Output>>;
    readonly jsonSchema: { readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown> };
    readonly types?: { readonly output: Output } | undefined;
  };
};

type Validated<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

type SchemaIssue = {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
};

export type Schema = StandardSchema | JsonSchema;

/** The type of values that a schema describes. Unknown for JSON Schema. */
export type OutputOf<S> = S extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined };
}
  ? Output
  : unknown;

function isStandard(schema: Schema): schema is StandardSchema {
  return '~standard' in schema;
}

export function toJsonSchema(schema: Schema): Record<string, unknown> {
  return isStandard(schema) ? schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' }) : { ...schema };
}

/** The value as the schema makes it, or the places where it is invalid. A JSON Schema is validated by the gateway alone. */
export async function validate<S extends Schema>(
  schema: S,
  value: unknown,
): Promise<{ value: OutputOf<S> } | { issues: { path: string; message: string }[] }> {
  const result = isStandard(schema) ? await schema['~standard'].validate(value) : { value };
  if (!result.issues) return { value: result.value as OutputOf<S> };
  return {
    issues: result.issues.map(({ path = [], message }) => ({
      path: path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.'),
      message,
    })),
  };
}
