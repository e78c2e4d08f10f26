import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../core/caller.ts';
import { isJsonObject } from '../core/json-object.ts';
import type { Observer, RefusedRequest } from '../core/observer.ts';
import type { FaceWork } from '../http/face.ts';

type Names = Pick<RefusedRequest, 'requestId' | 'operation'>;

/** Gets the result of every request. */
export type ReportRefused = (result: unknown, asked: Asked, names: () => Names) => void;

type Asked = { readonly caller: Caller; readonly work: Pick<FaceWork, 'requestId'> };

/**
 * Reports requests that were refused as a whole: invalid JSON, an invalid document, invalid variables, or not allowed.
 */
export function createRefusedReporter(refused: Observer['refused']): ReportRefused {
  return (result, { caller, work: { requestId } }, names) => {
    if (!isResult(result) || result.data !== undefined) return;
    const [error] = result.errors ?? [];
    if (!error) return;
    const code = String(error.extensions?.['code'] ?? 'BAD_REQUEST');
    refused({ face: 'graphql', code, caller: caller.id, requestId, ...definedIn(names()) });
  };
}

/** The reporter as a plugin for Yoga's path. */
export function withRefusedReported(report: ReportRefused): Plugin<object, Asked & { readonly body: string }> {
  return {
    onResultProcess: ({ result, serverContext: { body, ...asked } }) => report(result, asked, () => namesInBody(body)),
  };
}

function definedIn({ requestId, ...others }: Names): Names {
  return requestId === undefined ? others : { ...others, requestId };
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
