import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { fieldsOf, NotWritable, type SelectedField, type Selecting, setsOf, type Write, writerOf } from './writer.ts';

/** A field that asks a model, at the root of an operation. */
export type AskingField = {
  /** The name that it has in the answer, as JSON. */
  readonly key: string;
  /** Throws GraphQLError for arguments that are not of the schema's form. */
  readonly inputOf: (variables: Variables) => unknown;
  readonly write: Write;
};

/**
 * How an operation is run that does nothing but ask models: `chat`, once or several times, or `chatStream`. What it selects of their
 * answers was read when its document came for the first time, and is written without looking at the document again. graphql-js
 * reads variables and arguments here too; it has the rest where anything is not as it should be.
 */
export type Plan = {
  /** Nothing, where they are not of the form that the operation declares. */
  readonly variablesOf: (given: Readonly<Record<string, unknown>> | null | undefined) => Variables | undefined;
  readonly fields: readonly [AskingField, ...AskingField[]];
};

type Variables = NonNullable<Parameters<typeof getArgumentValues>[2]>;

const asking = { [OperationTypeNode.QUERY]: 'chat', [OperationTypeNode.SUBSCRIPTION]: 'chatStream' } as const;

/** Nothing, for an operation that is graphql-js's to run. It is valid, and has no directives. */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, selectionSet, variableDefinitions = [] }: OperationDefinitionNode,
): Plan | undefined {
  const root = schema.getRootType(operation);
  if (!root || operation === OperationTypeNode.MUTATION) return undefined;
  const selecting = { schema, fragments: fragmentsOf(document) };
  const selected = fieldsOf(root, [selectionSet], selecting);
  if (selected.some(({ nodes: [{ name }] }) => name.value !== asking[operation])) return undefined;
  const [first, ...others] = toAsking(root, selected, selecting) ?? [];
  if (!first) return undefined;
  return {
    variablesOf: (given) => getVariableValues(schema, variableDefinitions, given ?? {}).variableValues,
    fields: [first, ...others],
  };
}

function toAsking(
  root: GraphQLObjectType,
  selected: readonly SelectedField[],
  selecting: Selecting,
): readonly AskingField[] | undefined {
  try {
    return selected.map(({ key, nodes }) => {
      const [node] = nodes;
      const field = root.getFields()[node.name.value] as GraphQLField<unknown, unknown>;
      return {
        key: JSON.stringify(key),
        inputOf: (variables) => getArgumentValues(field, node, variables)['input'],
        write: writerOf(field.type, setsOf(nodes), selecting),
      };
    });
  } catch (thrown) {
    if (thrown instanceof NotWritable) return undefined;
    throw thrown;
  }
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
}
