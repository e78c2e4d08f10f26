import {
  type DirectiveNode,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** An operation before it runs. */
export type AnalyzedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly definition: OperationDefinitionNode;
  /** As received. */
  readonly variables: unknown;
};

/** Lengths of the catalogue's lists, by type and field. Other lists are as long as one answer makes them. */
export type ListLengths = Readonly<Record<string, number>>;

export type Complexity = {
  /** Resolved fields, each multiplied by the length of the lists around it. */
  readonly fields: number;
  readonly isIntrospection: boolean;
  /** Whether it is independent of the variables. */
  readonly isFixed: boolean;
};

/**
 * Computes the complexity of an operation. It reads variables where `@skip` and `@include` do, and is then not cached:
 * a cached verdict would be wrong for other variables.
 */
export function complexityOf(
  { schema, document, definition, variables: given }: AnalyzedOperation,
  lengths: ListLengths,
): Complexity {
  const root = schema.getRootType(definition.operation);
  if (!root) return { fields: 0, isIntrospection: false, isFixed: true };
  const variables = withDefaults(definition, Object(given));
  const known = new Map<string, number>();
  let isIntrospection = false;
  let isFixed = true;

  function weigh(selectionSet: SelectionSetNode, type: GraphQLNamedType | undefined): number {
    let fields = 0;
    for (const selection of selectionSet.selections) {
      const { directives = [] } = selection;
      if (directives.some(readsVariable)) isFixed = false;
      if (isSkipped(directives, variables)) continue;
      switch (selection.kind) {
        case Kind.INLINE_FRAGMENT:
          fields += weigh(selection.selectionSet, typeNamed(selection.typeCondition?.name.value) ?? type);
          break;
        case Kind.FRAGMENT_SPREAD:
          fields += weighFragment(selection.name.value);
          break;
        case Kind.FIELD: {
          const name = selection.name.value;
          if (name === '__schema' || name === '__type') isIntrospection = true;
          const field = isObjectType(type) ? type.getFields()[name] : undefined;
          const inner = field && selection.selectionSet ? weigh(selection.selectionSet, getNamedType(field.type)) : 0;
          fields += 1 + (lengths[`${type?.name}.${name}`] ?? 1) * inner;
        }
      }
    }
    return fields;
  }

  function weighFragment(name: string): number {
    const remembered = known.get(name);
    if (remembered !== undefined) return remembered;
    const fragment = document.definitions.find(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name,
    );
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return 0;
    known.set(name, 0);
    const fields = weigh(fragment.selectionSet, typeNamed(fragment.typeCondition.name.value));
    known.set(name, fields);
    return fields;
  }

  function typeNamed(name: string | undefined): GraphQLNamedType | undefined {
    return name === undefined ? undefined : schema.getType(name);
  }

  const fields = weigh(definition.selectionSet, root);
  return { fields, isIntrospection, isFixed };
}

type Variables = Readonly<Record<string, unknown>>;

function withDefaults({ variableDefinitions }: OperationDefinitionNode, given: Variables): Variables {
  const flags = (variableDefinitions ?? []).map(({ variable, defaultValue }) => {
    const name = variable.name.value;
    const fallback = defaultValue?.kind === Kind.BOOLEAN ? defaultValue.value : undefined;
    return [name, Object.hasOwn(given, name) && given[name] !== undefined ? given[name] : fallback];
  });
  return Object.fromEntries(flags);
}

function readsVariable({ arguments: given = [] }: DirectiveNode): boolean {
  return given.some(({ value }) => value.kind === Kind.VARIABLE);
}

/** Only what is certainly skipped: a variable of a wrong type is refused later, and counts until then. */
function isSkipped(directives: readonly DirectiveNode[], variables: Variables): boolean {
  return directives.some(({ name, arguments: [condition] = [] }) => {
    const leavesOut = name.value === 'skip' ? true : name.value === 'include' ? false : undefined;
    if (leavesOut === undefined || !condition) return false;
    const { value } = condition;
    const flag =
      value.kind === Kind.BOOLEAN
        ? value.value
        : value.kind === Kind.VARIABLE
          ? variables[value.name.value]
          : undefined;
    return flag === leavesOut;
  });
}
