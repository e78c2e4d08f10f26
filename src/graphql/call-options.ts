import type { GraphQLResolveInfo } from 'graphql';
import type { CallOptions } from '../core/gateway.ts';
import type { Context } from './builder.ts';

/** The caller and the operation's name in the document, for clients seldom send `operationName`. */
export function toCallOptions(
  { caller, signal, trace, work, lastEventId }: Context,
  { operation }: Pick<GraphQLResolveInfo, 'operation'>,
): CallOptions {
  const onAdmitted = () => {
    work.isAdmitted = true;
  };
  const origin = { face: 'graphql', operation: operation.name?.value, trace } as const;
  return { caller, signal, onAdmitted, origin, lastEventId };
}
