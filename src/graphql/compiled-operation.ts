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
import { compileArguments, type OperationField, type ReadArguments } from './compile-arguments.ts';
import {
  collectFields,
  compileSerializer,
  NotSerializable,
  type SelectedField,
  type SelectionContext,
  type Serialize,
  selectionSets,
} from './compile-serializer.ts';

/** A field at the root that costs money. */
export type CompiledField = {
  /** Its response key, as JSON. */
  readonly key: string;
  readonly serialize: Serialize;
};

/**
 * The compiled form of an operation that only selects `chat` fields, or one `chatStream`: its serializer is compiled
 * when the document is first seen. It stands for execute(), which visits the document for every answer and delta
 * (decision 0064). graphql-js handles whatever the compiled form does not cover; test/graphql/execute.test.ts and
 * paths.test.ts hold both equal.
 */
export type CompiledOperation = {
  readonly argumentsOf: ReadArguments;
  readonly fields: readonly [CompiledField, ...CompiledField[]];
};

const compilableFields = {
  [OperationTypeNode.QUERY]: 'chat',
  [OperationTypeNode.MUTATION]: 'chat',
  [OperationTypeNode.SUBSCRIPTION]: 'chatStream',
} as const;

/** Undefined for an operation that graphql-js has to run. The document is valid and has no directives. */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  { operation, selectionSet, variableDefinitions = [] }: OperationDefinitionNode,
): CompiledOperation | undefined {
  const root = schema.getRootType(operation);
  if (!root) return undefined;
  const selecting = { schema, fragments: fragmentsOf(document) };
  const selected = collectFields(root, [selectionSet], selecting);
  if (selected.some(({ nodes: [{ name }] }) => name.value !== compilableFields[operation])) return undefined;
  // Mutations run one after the other.
  if (operation === OperationTypeNode.MUTATION && selected.length > 1) return undefined;
  const [first, ...others] = toCompiledField(root, selected, selecting) ?? [];
  if (!first) return undefined;
  const nodes = selected.map(({ nodes: [node] }): OperationField => ({ node, field: fieldOf(root, node) }));
  return { argumentsOf: compileArguments(schema, variableDefinitions, nodes), fields: [first, ...others] };
}

function toCompiledField(
  root: GraphQLObjectType,
  selected: readonly SelectedField[],
  selecting: SelectionContext,
): readonly CompiledField[] | undefined {
  try {
    return selected.map(({ key, nodes }) => {
      const { type } = fieldOf(root, nodes[0]);
      return { key: JSON.stringify(key), serialize: compileSerializer(type, selectionSets(nodes), selecting) };
    });
  } catch (thrown) {
    if (thrown instanceof NotSerializable) return undefined;
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
