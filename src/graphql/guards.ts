import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';

/** Fields that cost money. */
const paidFields: ReadonlySet<string> = new Set(['chat', 'chatStream']);

/**
 * At most so many paid fields in one operation, wherever they stand: aliases and fragments are counted as often as they
 * would run. The rule depends on the document alone, so that Yoga may remember its verdict for the next caller.
 */
export function limitPaidFields(most: number) {
  return (context: ValidationContext): ASTVisitor => ({
    OperationDefinition(operation) {
      const paid = countPaid(operation.selectionSet, context, new Map());
      if (paid <= most) return;
      const message = `This operation asks ${paid > 1_000 ? 'more than 1000' : paid} times for a paid answer; ${most} at most are allowed in one.`;
      context.reportError(
        new GraphQLError(message, { nodes: operation, extensions: { code: 'TOO_MANY_PAID_FIELDS' } }),
      );
    },
  });
}

/** Each fragment is counted once and remembered; while it is being counted, a cycle back to it counts nothing. */
function countPaid(selectionSet: SelectionSetNode, context: ValidationContext, known: Map<string, number>): number {
  let paid = 0;
  for (const selection of selectionSet.selections) {
    switch (selection.kind) {
      case Kind.FIELD:
        if (paidFields.has(selection.name.value)) paid += 1;
        break;
      case Kind.INLINE_FRAGMENT:
        paid += countPaid(selection.selectionSet, context, known);
        break;
      case Kind.FRAGMENT_SPREAD:
        paid += countFragment(context.getFragment(selection.name.value), context, known);
        break;
    }
  }
  return paid;
}

function countFragment(
  fragment: FragmentDefinitionNode | null | undefined,
  context: ValidationContext,
  known: Map<string, number>,
): number {
  if (!fragment) return 0;
  const name = fragment.name.value;
  const remembered = known.get(name);
  if (remembered !== undefined) return remembered;
  known.set(name, 0);
  const paid = countPaid(fragment.selectionSet, context, known);
  known.set(name, paid);
  return paid;
}
