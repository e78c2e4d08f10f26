import {
  coerceInputValue,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import { isJsonObject } from '../core/json-object.ts';

/** Coerces a JSON value as graphql-js does. Undefined for a value that does not fit. */
export type Coerce = (value: unknown) => unknown;

/**
 * Compiles the coercion of a type. It visits the given fields only; graphql-js visits all declared ones for each
 * request, which takes 8 % of the processor's time of a whole answer. test/graphql/compile-arguments.test.ts holds it
 * equal to `coerceInputValue`.
 */
export function compileCoercion(type: GraphQLInputType): Coerce {
  if (isNonNullType(type)) {
    const read = compileCoercion(type.ofType);
    return (value) => (value === null || value === undefined ? undefined : read(value));
  }
  const read = compileNullable(type);
  return (value) => (value === null || value === undefined ? null : read(value));
}

function compileNullable(type: GraphQLInputType): Coerce {
  if (isListType(type)) return compileList(compileCoercion(type.ofType));
  if (isInputObjectType(type)) return compileObject(type);
  return (value) => coerceInputValue(value, type);
}

/** A single value is a list of one (GraphQL §3.11, Input Coercion). */
function compileList(read: Coerce): Coerce {
  return (value) => {
    const items = Array.isArray(value) ? value.map(read) : [read(value)];
    return items.includes(undefined) ? undefined : items;
  };
}

const coercions = new WeakMap<GraphQLInputObjectType, Coerce>();

function compileObject(type: GraphQLInputObjectType): Coerce {
  const known = coercions.get(type);
  if (known) return known;
  const fields = Object.values(type.getFields());
  // Rare types are left to graphql-js.
  if (type.isOneOf || fields.some(hasDefault)) return (value) => coerceInputValue(value, type);
  const required = fields.filter(isRequiredInputField).map(({ name }) => name);
  const byName = new Map<string, Coerce>();
  const read: Coerce = (value) => {
    if (!isJsonObject(value)) return undefined;
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const field = byName.get(name)?.(value[name]);
      if (field === undefined) return undefined;
      result[name] = field;
    }
    return required.every((name) => Object.hasOwn(result, name)) ? result : undefined;
  };
  // Registered before its fields are compiled: a type may be recursive.
  coercions.set(type, read);
  for (const field of fields) byName.set(field.name, compileCoercion(field.type));
  return read;
}

function hasDefault({ default: current, defaultValue: legacy }: GraphQLInputField): boolean {
  return current !== undefined || legacy !== undefined;
}
