type Schema = { readonly [keyword: string]: unknown };

const maxDepth = 8;

/** A sample value for a JSON schema, always the same one. Words of the prompt choose among enums. */
export function sampleOf(root: unknown, words: readonly string[]): unknown {
  return sample(root, 'value', 0);

  function sample(given: unknown, name: string, depth: number): unknown {
    const schema = resolve(given);
    const { const: constant, enum: options, default: fallback, type, properties } = schema;
    if (constant !== undefined) return constant;
    if (Array.isArray(options) && options.length > 0) {
      return options.find((option) => words.includes(String(option).toLowerCase())) ?? options[0];
    }
    if (fallback !== undefined) return fallback;
    const [alternative] = list(schema['anyOf'] ?? schema['oneOf']);
    if (alternative !== undefined) return sample(alternative, name, depth + 1);
    switch (Array.isArray(type) ? type[0] : (type ?? (properties ? 'object' : 'string'))) {
      case 'object': {
        if (depth >= maxDepth) return {};
        const fields = Object.entries(asSchema(properties));
        return Object.fromEntries(fields.map(([key, child]) => [key, sample(child, key, depth + 1)]));
      }
      case 'array': {
        if (depth >= maxDepth) return [];
        const count = Math.max(1, number(schema['minItems']) ?? 1);
        return Array.from({ length: count }, () => sample(schema['items'], name, depth + 1));
      }
      case 'integer':
        return sampleNumber(schema, 1);
      case 'number':
        return sampleNumber(schema, 0.5);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return sampleText(schema, name);
    }
  }

  /** Resolves references inside the schema and merges allOf. */
  function resolve(given: unknown): Schema {
    let schema = asSchema(given);
    for (let hops = 0; typeof schema['$ref'] === 'string' && hops < maxDepth; hops++) {
      const path = schema['$ref'].replace(/^#\/?/, '').split('/').filter(Boolean);
      schema = asSchema(path.reduce<unknown>((inside, key) => asSchema(inside)[key], root));
    }
    const parts = [schema, ...list(schema['allOf']).map(resolve)];
    if (parts.length === 1) return schema;
    const properties = Object.assign({}, ...parts.map((part) => part['properties']));
    return Object.assign({}, ...parts, { properties, allOf: undefined });
  }
}

/** 42 where it fits, else the nearest bound. */
function sampleNumber(schema: Schema, step: number): number {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const least = number(minimum) ?? (number(exclusiveMinimum) ?? Number.NEGATIVE_INFINITY) + step;
  const most = number(maximum) ?? (number(exclusiveMaximum) ?? Number.POSITIVE_INFINITY) - step;
  return Math.max(least, Math.min(most, 42));
}

const formats: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T12:00:00Z',
  date: '2026-01-01',
  time: '12:00:00Z',
  email: 'sample@example.com',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function sampleText({ format, minLength, maxLength }: Schema, name: string): string {
  const text = formats[String(format)] ?? `sample ${name}`;
  return text.padEnd(number(minLength) ?? 0, '.').slice(0, number(maxLength));
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
