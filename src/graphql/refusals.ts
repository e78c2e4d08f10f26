import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../core/caller.ts';
import { isJsonObject } from '../core/chat.ts';
import type { Observer, Refused } from '../core/observer.ts';

type RequestContext = { readonly body: string; readonly caller: Caller };

/** Is shown what comes of every request. */
export type TellRefusal = (result: unknown, context: RequestContext) => void;

/** Tells of requests that were refused whole: no JSON, no valid document, variables of a wrong shape, or not allowed. */
export function createTellRefusal(refused: Observer['refused']): TellRefusal {
  return (result, { body, caller }) => {
    if (!isResult(result) || result.data !== undefined) return;
    const [error] = result.errors ?? [];
    if (!error) return;
    const code = String(error.extensions?.['code'] ?? 'BAD_REQUEST');
    refused({ face: 'graphql', code, caller: caller.id, ...namesIn(body) });
  };
}

/** For what goes Yoga's way. */
export function withRefusalsTold(tell: TellRefusal): Plugin<object, RequestContext> {
  return { onResultProcess: ({ result, serverContext }) => tell(result, serverContext) };
}

/** Neither a stream nor a batch. */
function isResult(result: unknown): result is ExecutionResult {
  return isJsonObject(result) && !(Symbol.asyncIterator in result);
}

/** Read once more, and only now: nothing is kept of all the requests that are well. */
function namesIn(body: string): Pick<Refused, 'requestId' | 'operation'> {
  try {
    const { operationName, variables } = Object(JSON.parse(body));
    const requestId: unknown = Object(Object(variables).input).requestId;
    return { operation: textOf(operationName), requestId: textOf(requestId) };
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
