import { isJsonObject, type JsonObject } from '../../core/chat.ts';

/**
 * Keywords that Anthropic's structured output refuses. They move to the description, where the model still reads them.
 */
const unsupported = new Set([
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'maxItems',
  'uniqueItems',
  'minProperties',
  'maxProperties',
  'not',
  'if',
  'then',
  'else',
]);

/** Keywords whose value maps names to schemas: the names are no keywords. */
const schemaMaps = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);

export function toAnthropicSchema(schema: JsonObject): JsonObject {
  const kept: Record<string, unknown> = {};
  const moved: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    const tooMany = keyword === 'minItems' && typeof value === 'number' && value > 1;
    if (unsupported.has(keyword) || tooMany) moved.push(`${keyword}: ${JSON.stringify(value)}`);
    else if (schemaMaps.has(keyword) && isJsonObject(value)) {
      kept[keyword] = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, convert(child)]));
    } else if (keyword === 'enum' || keyword === 'const' || keyword === 'default' || keyword === 'examples')
      kept[keyword] = value;
    else kept[keyword === 'oneOf' ? 'anyOf' : keyword] = convert(value);
  }
  if (moved.length > 0) kept['description'] = [kept['description'], `(${moved.join(', ')})`].filter(Boolean).join(' ');
  if (kept['type'] === 'object' || kept['properties'] !== undefined) kept['additionalProperties'] = false;
  return kept;
}

function convert(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(convert);
  return isJsonObject(value) ? toAnthropicSchema(value) : value;
}
