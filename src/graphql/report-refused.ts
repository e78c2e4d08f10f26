import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../core/caller.ts';
import { isJsonObject } from '../core/chat.ts';
import type { Observer, RefusedRequest } from '../core/observer.ts';

type Names = Pick<RefusedRequest, 'requestId' | 'operation'>;

/** Is shown what comes of every request. */
export type ReportRefused = (result: unknown, caller: Caller, names: () => Names) => void;

/** Tells of requests that were refused whole: no JSON, no valid document, variables of a wrong shape, or not allowed. */
export function createRefusedReporter(refused: Observer['refused']): ReportRefused {
  return (result, caller, names) => {
    if (!isResult(result) || result.data !== undefined) return;
    const [error] = result.errors ?? [];
    if (!error) return;
    const code = String(error.extensions?.['code'] ?? 'BAD_REQUEST');
    refused({ face: 'graphql', code, caller: caller.id, ...names() });
  };
}

/** For what goes Yoga's way. */
export function withRefusedReported(
  report: ReportRefused,
): Plugin<object, { readonly body: string; readonly caller: Caller }> {
  return {
    onResultProcess: ({ result, serverContext: { body, caller } }) => report(result, caller, () => namesInBody(body)),
  };
}

/** Neither a stream nor a batch. */
function isResult(result: unknown): result is ExecutionResult {
  return isJsonObject(result) && !(Symbol.asyncIterator in result);
}

export function namesIn(params: unknown): Names {
  const { operationName, variables } = Object(params);
  const requestId: unknown = Object(Object(variables).input).requestId;
  return { operation: textOf(operationName), requestId: textOf(requestId) };
}

/** Read once more, and only now: nothing is kept of all the requests that are well. */
function namesInBody(body: string): Names {
  try {
    return namesIn(JSON.parse(body));
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
