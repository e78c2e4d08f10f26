import { isJsonObject, type JsonObject } from '../../core/json-object.ts';

/** Keywords whose value is data and no schema. */
const plainValues = new Set(['enum', 'const', 'default', 'examples', 'required']);

/**
 * A JSON schema as Google accepts it: beside `$ref` only keywords that begin with "$" may stand
 * (ai.google.dev/api/generate-content, responseJsonSchema), so others are left out there.
 */
export function toGoogleSchema(schema: JsonObject): JsonObject {
  const isReference = typeof schema['$ref'] === 'string';
  const entries = Object.entries(schema).filter(([keyword]) => !isReference || keyword.startsWith('$'));
  return Object.fromEntries(
    entries.map(([keyword, value]) => [keyword, plainValues.has(keyword) ? value : convert(keyword, value)]),
  );
}

function convert(keyword: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((child) => (isJsonObject(child) ? toGoogleSchema(child) : child));
  if (!isJsonObject(value)) return value;
  // Names of properties and definitions are no keywords, even one that is called "$ref".
  return schemaMaps.has(keyword)
    ? Object.fromEntries(Object.entries(value).map(([name, child]) => [name, convert('', child)]))
    : toGoogleSchema(value);
}

const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
