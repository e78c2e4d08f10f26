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
import { readerOf } from './compile-coercion.ts';

export type Variables = Readonly<Record<string, unknown>>;

/** What each field is asked with, in turn. Nothing, where something is not of the schema's form: graphql-js says what is wrong with it. */
export type InputsOf = (given: Variables) => readonly unknown[] | undefined;

/** A field that asks, and where the document has it. */
export type AskingNode = { readonly field: GraphQLField<unknown, unknown>; readonly node: FieldNode };

export function inputsReader(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  asking: readonly AskingNode[],
): InputsOf {
  return readerOfVariables(schema, definitions, asking) ?? readerByEngine(schema, definitions, asking);
}

/** As nearly all ask: what a field is asked with is a variable, and none has a default. */
function readerOfVariables(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  asking: readonly AskingNode[],
): InputsOf | undefined {
  const names = definitions.map(({ variable }) => variable.name.value);
  const readers = definitions.flatMap(({ type, defaultValue, variable: { name } }) => {
    const declared = typeFromAST(schema, type);
    if (!declared || !isInputType(declared) || defaultValue) return [];
    const read = readerOf(declared);
    return (given: Variables) => read(Object.hasOwn(given, name.value) ? given[name.value] : undefined);
  });
  const places = asking.map(({ node }) => names.indexOf(variableOf(node)));
  if (readers.length < definitions.length || places.includes(-1)) return undefined;
  return (given) => {
    const values = readers.map((read) => read(given));
    return values.includes(undefined) ? undefined : places.map((place) => values[place]);
  };
}

/** The variable that a field is asked with, if it is one as a whole. */
function variableOf({ arguments: given = [] }: FieldNode): string {
  const value = given.find(({ name }) => name.value === 'input')?.value;
  return value?.kind === Kind.VARIABLE ? value.name.value : '';
}

function readerByEngine(
  schema: GraphQLSchema,
  definitions: readonly VariableDefinitionNode[],
  asking: readonly AskingNode[],
): InputsOf {
  return (given) => {
    const { variableValues } = getVariableValues(schema, definitions, given);
    try {
      return variableValues && asking.map(({ field, node }) => getArgumentValues(field, node, variableValues)['input']);
    } catch {
      return undefined;
    }
  };
}
