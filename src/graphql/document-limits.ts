import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';

/**
 * Limits of one document. These rules depend on the document alone, so that the verdict can be cached; what depends on
 * variables or the caller is checked by the operation guard.
 */
export type DocumentLimits = {
  /** Fields that cost money, at any place. */
  readonly maxPaidFields: number;
  readonly maxRootFields: number;
  readonly maxDepth: number;
};

/** Far more than a document for this schema needs. The parser stops at this number. */
export const maxTokens = 1_000;

/** `@skip` and `@include` are all there are. */
const maxDirectives = 4;

const refusalCodes = ['TOO_MANY_PAID_FIELDS', 'TOO_MANY_ROOT_FIELDS', 'TOO_DEEP', 'TOO_MANY_DIRECTIVES'] as const;

export function documentRules({ maxPaidFields, maxRootFields, maxDepth }: DocumentLimits): readonly ValidationRule[] {
  return [limitPaidFields(maxPaidFields), limitRootFields(maxRootFields), limitDepth(maxDepth), limitDirectives];
}

/** Whether a document was refused for its size: its other errors are then left out. */
export function isSizeRefusal({ extensions }: GraphQLError): boolean {
  return refusalCodes.some((code) => extensions['code'] === code);
}

const paidFields: ReadonlySet<string> = new Set(['chat', 'chatStream', 'embed']);

function limitPaidFields(most: number): ValidationRule {
  return (context) =>
    onOperation(context, (selectionSet) => {
      const paid = sumOf(selectionSet, context, (name) => Number(paidFields.has(name)));
      if (paid <= most) return;
      return tooLarge(
        'TOO_MANY_PAID_FIELDS',
        `has ${upTo(paid)} fields that cost money (limit ${most}, graphql.maxPaidFields)`,
      );
    });
}

function limitRootFields(most: number): ValidationRule {
  return (context) =>
    onOperation(context, (selectionSet) => {
      const fields = sumOf(selectionSet, context, () => 1);
      if (fields <= most) return;
      return tooLarge('TOO_MANY_ROOT_FIELDS', `has ${upTo(fields)} root fields (limit ${most}, graphql.maxRootFields)`);
    });
}

function limitDepth(most: number): ValidationRule {
  return (context) =>
    onOperation(context, (selectionSet) => {
      if (depthOf(selectionSet, context, new Map()) <= most) return;
      return tooLarge('TOO_DEEP', `is nested more than ${most} levels deep (graphql.maxDepth)`);
    });
}

const limitDirectives: ValidationRule = (context) => {
  let isReported = false;
  return {
    enter(node) {
      if (isReported || !('directives' in node) || (node.directives?.length ?? 0) <= maxDirectives) return;
      isReported = true;
      context.reportError(tooLarge('TOO_MANY_DIRECTIVES', `has more than ${maxDirectives} directives in one place`));
    },
  };
};

function onOperation(
  context: ValidationContext,
  check: (selectionSet: SelectionSetNode) => GraphQLError | undefined,
): ASTVisitor {
  return {
    OperationDefinition({ selectionSet }) {
      const error = check(selectionSet);
      if (error) context.reportError(error);
    },
  };
}

function tooLarge(code: (typeof refusalCodes)[number], what: string): GraphQLError {
  return new GraphQLError(`This operation ${what}.`, { extensions: { code } });
}

function upTo(count: number): string {
  return count > 1_000 ? 'more than 1000' : String(count);
}

/** The weight of the root fields; aliases and fragments count as often as they would run. */
function sumOf(selectionSet: SelectionSetNode, context: ValidationContext, weigh: (name: string) => number): number {
  const known = new Map<string, number>();
  const sum = (set: SelectionSetNode): number =>
    set.selections.reduce((total, selection) => {
      if (selection.kind === Kind.FIELD) return total + weigh(selection.name.value);
      if (selection.kind === Kind.INLINE_FRAGMENT) return total + sum(selection.selectionSet);
      return total + ofFragment(context.getFragment(selection.name.value), known, sum);
    }, 0);
  return sum(selectionSet);
}

/** Introspection is nested deeply, as GraphiQL sends it, and graphql-js limits it itself. */
function depthOf(selectionSet: SelectionSetNode, context: ValidationContext, known: Map<string, number>): number {
  const depth = (set: SelectionSetNode): number =>
    set.selections.reduce((deepest, selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return Math.max(deepest, depth(selection.selectionSet));
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        return Math.max(deepest, ofFragment(context.getFragment(selection.name.value), known, depth));
      }
      const isAboutSchema = selection.name.value.startsWith('__');
      return Math.max(deepest, 1 + (selection.selectionSet && !isAboutSchema ? depth(selection.selectionSet) : 0));
    }, 0);
  return depth(selectionSet);
}

/** Each fragment is measured once; a cycle back to it counts nothing. */
function ofFragment(
  fragment: FragmentDefinitionNode | null | undefined,
  known: Map<string, number>,
  measure: (selectionSet: SelectionSetNode) => number,
): number {
  if (!fragment) return 0;
  const name = fragment.name.value;
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  known.set(name, 0);
  const measured = measure(fragment.selectionSet);
  known.set(name, measured);
  return measured;
}
