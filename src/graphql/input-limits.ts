import {
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
} from 'graphql';
import { isJsonObject } from '../core/json-object.ts';

/** No list of the schema may be longer: `embed` takes 2,048 texts, a conversation has at most 1,000 messages. */
const maxItems = 2_048;

/**
 * Refuses variables that are larger than their types before graphql-js coerces them. It would visit every item, and print the
 * whole object for each unknown field: 400,000 of them took 24 s.
 */
export function inputSizeError(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: unknown,
): GraphQLError | undefined {
  if (!isJsonObject(variables)) return undefined;
  for (const { type, variable } of variableDefinitions) {
    const { value: name } = variable.name;
    const declared = typeFromAST(schema, type);
    if (!declared || !isInputType(declared) || !Object.hasOwn(variables, name)) continue;
    const problem = problemOf(variables[name], declared, name);
    if (problem) {
      return new GraphQLError(`Variable "$${name}" has an invalid value at ${problem}`, {
        extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
      });
    }
  }
  return undefined;
}

function problemOf(value: unknown, type: GraphQLInputType, path: string): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (isNonNullType(type)) return problemOf(value, type.ofType, path);
  if (isListType(type)) {
    if (!Array.isArray(value)) return problemOf(value, type.ofType, path);
    if (value.length > maxItems) return `"${path}": ${value.length} items, at most ${maxItems} are allowed.`;
    return first(value, (item, index) => problemOf(item, type.ofType, `${path}[${index}]`));
  }
  if (!isInputObjectType(type) || !isJsonObject(value)) return undefined;
  const fields = type.getFields();
  const names = Object.keys(value);
  const most = Object.keys(fields).length;
  if (names.length > most) return `"${path}": ${names.length} fields, ${type.name} has ${most}.`;
  return first(names, (name) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    return field && problemOf(value[name], field.type, `${path}.${name}`);
  });
}

function first<T>(items: readonly T[], find: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = find(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}
