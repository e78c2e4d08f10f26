import type { GraphQLResolveInfo } from 'graphql';
import type { CallOptions } from '../core/gateway.ts';
import type { Context } from './builder.ts';

/**
 * The caller and the operation's name in the document, for clients seldom send `operationName`. The first call of an HTTP
 * request has its id in the log.
 */
export function toCallOptions(
  { caller, signal, trace, work, lastEventId }: Context,
  { operation }: Pick<GraphQLResolveInfo, 'operation'>,
): CallOptions {
  const onAdmitted = () => {
    work.isAdmitted = true;
  };
  const origin = { face: 'graphql', operation: operation.name?.value, trace } as const;
  const callId = work.calls === 0 ? work.requestId : `${work.requestId}-${work.calls}`;
  work.calls += 1;
  return { caller, signal, onAdmitted, origin, lastEventId, callId };
}
