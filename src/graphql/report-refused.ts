import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../core/caller.ts';
import { isJsonObject } from '../core/chat.ts';
import type { Observer, RefusedRequest } from '../core/observer.ts';

type Names = Pick<RefusedRequest, 'requestId' | 'operation'>;

/** Gets the result of every request. */
export type ReportRefused = (result: unknown, caller: Caller, names: () => Names) => void;

/**
 * Reports requests that were refused as a whole: invalid JSON, an invalid document, invalid variables, or not allowed.
 */
export function createRefusedReporter(refused: Observer['refused']): ReportRefused {
  return (result, caller, names) => {
    if (!isResult(result) || result.data !== undefined) return;
    const [error] = result.errors ?? [];
    if (!error) return;
    const code = String(error.extensions?.['code'] ?? 'BAD_REQUEST');
    refused({ face: 'graphql', code, caller: caller.id, ...names() });
  };
}

/** The reporter as a plugin for Yoga's path. */
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

/** Parsed again only for a refused request: nothing is kept for the others. */
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
