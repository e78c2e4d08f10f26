import type { GraphQLResolveInfo } from 'graphql';
import type { CallOptions } from '../core/gateway.ts';
import type { Context } from './builder.ts';

/** Who asks, and by which operation: its name in the document, for clients seldom send it apart. */
export function toCallOptions(
  { caller, signal, trace }: Context,
  { operation }: Pick<GraphQLResolveInfo, 'operation'>,
): CallOptions {
  return { caller, signal, origin: { face: 'graphql', operation: operation.name?.value, trace } };
}
