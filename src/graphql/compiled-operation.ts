import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
} from 'graphql';
import { type AskingNode, type InputsOf, inputsReader } from './compile-arguments.ts';
import {
  fieldsOf,
  NotWritable,
  type SelectedField,
  type Selecting,
  setsOf,
  type Write,
  writerOf,
} from './compile-serializer.ts';

/** A field that asks a model, at the root of an operation. */
export type AskingField = {
  /** The name that it has in the answer, as JSON. */
  readonly key: string;
  readonly write: Write;
};

/**
 * How an operation is run that does nothing but ask models: `chat`, once or several times, or `chatStream`. What it selects of their
 * answers was read when its document came for the first time, and is written without looking at the document again. graphql-js
 * has the rest where anything is not as it should be.
 */
export type Plan = {
  readonly inputsOf: InputsOf;
  readonly fields: readonly [AskingField, ...AskingField[]];
};

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
  const nodes = selected.map(({ nodes: [node] }): AskingNode => ({ node, field: fieldOf(root, node) }));
  return { inputsOf: inputsReader(schema, variableDefinitions, nodes), fields: [first, ...others] };
}

function toAsking(
  root: GraphQLObjectType,
  selected: readonly SelectedField[],
  selecting: Selecting,
): readonly AskingField[] | undefined {
  try {
    return selected.map(({ key, nodes }) => {
      const { type } = fieldOf(root, nodes[0]);
      return { key: JSON.stringify(key), write: writerOf(type, setsOf(nodes), selecting) };
    });
  } catch (thrown) {
    if (thrown instanceof NotWritable) return undefined;
    throw thrown;
  }
}

function fieldOf(root: GraphQLObjectType, { name }: FieldNode): GraphQLField<unknown, unknown> {
  return root.getFields()[name.value] as GraphQLField<unknown, unknown>;
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((one) => (one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [])),
  );
}
