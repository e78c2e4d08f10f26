import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** Serializes what is selected of a value as JSON. Throws where graphql-js has more to do than read and write. */
export type Serialize = (value: unknown) => string;

/** A document's fragments and schema. Its directives are resolved already, or there are none. */
export type SelectionContext = {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
};

/** A selected field under its response key. */
export type SelectedField = { readonly key: string; readonly nodes: readonly [FieldNode, ...FieldNode[]] };

/** The value needs graphql-js: arguments, promises, an error, or `null` for a non-null type. */
export class NotSerializable extends Error {
  override readonly name = 'NotWritable';
}

/** Compiles the serializer of a type for what is selected of it. */
export function compileSerializer(
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
  selecting: SelectionContext,
): Serialize {
  if (isNonNullType(type)) {
    const write = compileSerializer(type.ofType, sets, selecting);
    return (value) => (value === null || value === undefined ? fail('null') : write(value));
  }
  const write = compileNullable(type, sets, selecting);
  return (value) => (value === null || value === undefined ? 'null' : write(value));
}

function compileNullable(
  type: GraphQLOutputType,
  sets: readonly SelectionSetNode[],
  selecting: SelectionContext,
): Serialize {
  if (isListType(type)) return compileList(compileSerializer(type.ofType, sets, selecting));
  if (isLeafType(type)) return (value) => JSON.stringify(type.coerceOutputValue(value)) ?? fail('no JSON');
  if (isObjectType(type)) return compileObject(type, sets, selecting);
  if (isAbstractType(type)) return compileAbstract(type, sets, selecting);
  return fail('a type of another kind');
}

function compileList(write: Serialize): Serialize {
  // Not `map`, which skips the holes of a sparse array and would write no JSON for them.
  return (value) => (Array.isArray(value) ? `[${Array.from(value, write).join(',')}]` : fail('no list'));
}

function compileAbstract(
  type: GraphQLAbstractType,
  sets: readonly SelectionSetNode[],
  selecting: SelectionContext,
): Serialize {
  const writers = new Map(
    selecting.schema.getPossibleTypes(type).map((each) => [each.name, compileObject(each, sets, selecting)]),
  );
  const typeOf = type.resolveType as ((value: unknown) => unknown) | null | undefined;
  return (value) => {
    const write = writers.get(String(typeOf?.(value)));
    return write ? write(value) : fail('an unknown type');
  };
}

function compileObject(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  selecting: SelectionContext,
): Serialize {
  if (type.isTypeOf) return fail('a type that has to be asked');
  const fields = collectFields(type, sets, selecting).map(({ key, nodes }, index) => {
    const before = `${index === 0 ? '' : ','}${JSON.stringify(key)}:`;
    return { before, write: compileField(type, nodes, selecting) };
  });
  return (value) => {
    if (value instanceof Error || value instanceof Promise) return fail('no value yet, or none ever');
    let text = '{';
    for (const { before, write } of fields) text += before + write(value);
    return `${text}}`;
  };
}

function compileField(type: GraphQLObjectType, nodes: SelectedField['nodes'], selecting: SelectionContext): Serialize {
  const name = nodes[0].name.value;
  if (name === '__typename') {
    const text = JSON.stringify(type.name);
    return () => text;
  }
  const field = type.getFields()[name];
  if (!field || field.args.length > 0) return fail('arguments');
  const write = compileSerializer(field.type, selectionSets(nodes), selecting);
  // A resolver that uses more than its source fails here, and graphql-js runs it instead.
  const resolve = field.resolve as ((value: unknown) => unknown) | undefined;
  return resolve ? (value) => write(resolve(value)) : (value) => write(Object(value)[name]);
}

export function selectionSets(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
}

/**
 * The fields that these selection sets select of an object, each key once, in response order (GraphQL §6.3.2,
 * CollectFields).
 */
export function collectFields(
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  { schema, fragments }: SelectionContext,
): readonly SelectedField[] {
  const fields = new Map<string, [FieldNode, ...FieldNode[]]>();
  const spread = new Set<string>();

  function collect({ selections }: SelectionSetNode): void {
    for (const selection of selections) {
      switch (selection.kind) {
        case Kind.FIELD: {
          const key = selection.alias?.value ?? selection.name.value;
          const nodes = fields.get(key);
          if (nodes) nodes.push(selection);
          else fields.set(key, [selection]);
          break;
        }
        case Kind.INLINE_FRAGMENT:
          if (isFor(selection.typeCondition?.name.value)) collect(selection.selectionSet);
          break;
        case Kind.FRAGMENT_SPREAD: {
          const fragment = fragments.get(selection.name.value);
          if (!fragment || spread.has(selection.name.value)) break;
          spread.add(selection.name.value);
          if (isFor(fragment.typeCondition.name.value)) collect(fragment.selectionSet);
        }
      }
    }
  }

  function isFor(name: string | undefined): boolean {
    const condition = name === undefined ? type : schema.getType(name);
    return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
  }

  for (const set of sets) collect(set);
  return [...fields].map(([key, nodes]) => ({ key, nodes }));
}

function fail(what: string): never {
  throw new NotSerializable(`Not to be written here: ${what}`);
}
