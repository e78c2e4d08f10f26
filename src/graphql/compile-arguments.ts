import {
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  isInputType,
  Kind,
  typeFromAST,
  type VariableDefinitionNode,
} from 'graphql';
import { compileCoercion } from './compile-coercion.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** The `input` of each field in turn. Undefined where variables do not fit the schema: graphql-js then reports why. */
export type ReadArguments = (given: Variables) => readonly unknown[] | undefined;

/** A field that costs money, and its node in the document. */
export type OperationField = { readonly field: GraphQLField<unknown, unknown>; readonly node: FieldNode };

export function compileArguments(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  fields: readonly OperationField[],
): ReadArguments {
  return coerceVariables(schema, definitions, fields) ?? readByEngine(schema, definitions, fields);
}

/** The common case: each input is one variable, and no variable has a default. */
function coerceVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  fields: readonly OperationField[],
): ReadArguments | undefined {
  const names = definitions.map(({ variable }) => variable.name.value);
  const readers = definitions.flatMap(({ type, defaultValue, variable: { name } }) => {
    const declared = typeFromAST(schema, type);
    if (!declared || !isInputType(declared) || defaultValue) return [];
    const read = compileCoercion(declared);
    return (given: Variables) => read(Object.hasOwn(given, name.value) ? given[name.value] : undefined);
  });
  const positions = fields.map(({ node }) => names.indexOf(variableOf(node)));
  if (readers.length < definitions.length || positions.includes(-1)) return undefined;
  return (given) => {
    const values = readers.map((read) => read(given));
    return values.includes(undefined) ? undefined : positions.map((position) => values[position]);
  };
}

/** The variable that is a field's whole input. */
function variableOf({ arguments: given = [] }: FieldNode): string {
  const value = given.find(({ name }) => name.value === 'input')?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : '';
}

function readByEngine(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  fields: readonly OperationField[],
): ReadArguments {
  return (given) => {
    const { variableValues } = getVariableValues(schema, definitions, given);
    try {
      return variableValues && fields.map(({ field, node }) => getArgumentValues(field, node, variableValues)['input']);
    } catch {
      return undefined;
    }
  };
}
