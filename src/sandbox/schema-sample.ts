type Schema = { readonly [keyword: string]: unknown };

const maxDepth = 8;

/** A value that fits a JSON schema, as far as a sandbox needs: the same one each time. Strings take what the prompt offers. */
export function sampleOf(schema: unknown, words: readonly string[], name = 'value', depth = 0): unknown {
  const {
    type,
    properties,
    items,
    enum: options,
    const: constant,
    anyOf,
    oneOf,
    default: fallback,
    minimum,
  } = asSchema(schema);
  if (constant !== undefined) return constant;
  if (Array.isArray(options) && options.length > 0) {
    return options.find((option) => words.includes(String(option).toLowerCase())) ?? options[0];
  }
  if (fallback !== undefined) return fallback;
  const alternatives = anyOf ?? oneOf;
  if (Array.isArray(alternatives)) return sampleOf(alternatives[0], words, name, depth + 1);
  switch (Array.isArray(type) ? type[0] : (type ?? (properties ? 'object' : 'string'))) {
    case 'object':
      if (depth >= maxDepth) return {};
      return Object.fromEntries(
        Object.entries(asSchema(properties)).map(([key, child]) => [key, sampleOf(child, words, key, depth + 1)]),
      );
    case 'array':
      return depth >= maxDepth ? [] : [sampleOf(items, words, name, depth + 1)];
    case 'integer':
    case 'number':
      return typeof minimum === 'number' ? minimum : 42;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return `sample ${name}`;
  }
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}
