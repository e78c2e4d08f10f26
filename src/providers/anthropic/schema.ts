import { isJsonObject, type JsonObject } from '../../core/json-object.ts';

/**
 * Keywords that Anthropic's structured output accepts (docs.anthropic.com, "Structured outputs", JSON Schema limitations).
 * All others move to the description, where the model still reads them.
 */
const accepted = new Set([
  '$schema',
  '$id',
  '$ref',
  '$defs',
  'definitions',
  'type',
  'title',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'const',
  'default',
  'examples',
  'anyOf',
  'allOf',
]);

/** Values of `format` that it accepts. */
const formats: ReadonlySet<unknown> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
]);

/** Keywords whose value maps names to schemas: the names are no keywords. */
const schemaMaps = new Set(['properties', '$defs', 'definitions']);
/** Keywords whose value is no schema. */
const plainValues = new Set(['enum', 'const', 'default', 'examples', 'required']);

export function toAnthropicSchema(schema: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {};
  const moved: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    // Two lists of alternatives do not fit into one.
    const asAnyOf = keyword === 'oneOf' && schema['anyOf'] === undefined;
    if (asAnyOf) kept['anyOf'] = convert(value);
    else if (isAccepted(keyword, value)) kept[keyword] = convertKeyword(keyword, value);
    else if (!isClosed(keyword, value)) moved.push(`${keyword}: ${JSON.stringify(value)}`);
  }
  if (moved.length > 0) kept['description'] = [kept['description'], `(${moved.join(', ')})`].filter(Boolean).join(' ');
  if (isObjectSchema(schema)) kept['additionalProperties'] = false;
  return kept;
}

function isAccepted(keyword: string, value: unknown): boolean {
  if (keyword === 'format') return formats.has(value);
  if (keyword === 'minItems') return value === 0 || value === 1;
  if (keyword === 'items') return !Array.isArray(value);
  return accepted.has(keyword);
}

/** What is set for every object anyway. */
function isClosed(keyword: string, value: unknown): boolean {
  return keyword === 'additionalProperties' && typeof value === 'boolean';
}

/** `additionalProperties: false` is required of every object schema, also where `type` is a list or only implied. */
function isObjectSchema({ type, properties, additionalProperties }: JsonObject): boolean {
  const types = Array.isArray(type) ? type : [type];
  return types.includes('object') || properties !== undefined || additionalProperties !== undefined;
}

function convertKeyword(keyword: string, value: unknown): unknown {
  if (plainValues.has(keyword)) return value;
  if (schemaMaps.has(keyword) && isJsonObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, convert(child)]));
  }
  return convert(value);
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  return isJsonObject(value) ? toAnthropicSchema(value) : value;
}
