import { isJsonObject, type JsonObject } from '../core/json-object.ts';
import { refuse } from './capability-checks.ts';

/** Keywords that OpenAI's strict mode refuses (platform.openai.com/docs, "Structured outputs", supported schemas). */
const unsupported = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'prefixItems',
];
const schemaMaps = ['properties', '$defs', 'definitions'];

/** Refuses a strict schema that OpenAI would answer with 400, by the option and the place in it. */
export function checkStrictSchema(option: string, what: string, schema: JsonObject): void {
  const problem = problemIn(schema, '');
  if (problem)
    refuse(
      option,
      `OpenAI's strict mode does not accept the schema of ${what}: ${problem}. Leave strict out, or change it.`,
    );
}

function problemIn(schema: JsonObject, path: string): string | undefined {
  const place = path === '' ? 'its root' : path;
  const keyword = unsupported.find((name) => Object.hasOwn(schema, name));
  if (keyword) return `"${keyword}" at ${place}`;
  const { properties, required } = schema;
  if (isJsonObject(properties)) {
    if (schema['additionalProperties'] !== false) return `"additionalProperties" has to be false at ${place}`;
    const listed = Array.isArray(required) ? required : [];
    const missing = Object.keys(properties).find((name) => !listed.includes(name));
    if (missing !== undefined) return `"required" has to name every property at ${place}`;
  }
  for (const [child, childPath] of childrenOf(schema, path)) {
    const problem = problemIn(child, childPath);
    if (problem) return problem;
  }
  return undefined;
}

function* childrenOf(schema: JsonObject, path: string): Iterable<readonly [JsonObject, string]> {
  for (const map of schemaMaps) {
    const children = schema[map];
    if (!isJsonObject(children)) continue;
    for (const [name, child] of Object.entries(children))
      if (isJsonObject(child)) yield [child, `${path}/${map}/${name}`];
  }
  const { items, anyOf } = schema;
  if (isJsonObject(items)) yield [items, `${path}/items`];
  for (const [index, child] of (Array.isArray(anyOf) ? anyOf : []).entries()) {
    if (isJsonObject(child)) yield [child, `${path}/anyOf/${index}`];
  }
}
