import { GraphQLError, type GraphQLSchema, OperationTypeNode, parse, specifiedRules, validate } from 'graphql';
import type { AbortSignalLike } from '../core/abort.ts';
import type { Caller } from '../core/caller.ts';
import { isJsonObject } from '../core/json-object.ts';
import type { TraceHeaders } from '../core/observer.ts';
import type { FaceWork } from '../http/face.ts';
import type { Context } from './builder.ts';
import type { DocumentCache, Operation } from './document-cache.ts';
import { type DocumentLimits, documentRules, isSizeRefusal, maxTokens } from './document-limits.ts';
import { withoutQuotedValues } from './error-masking.ts';
import { type OperationRun, subscriptionErrors } from './execute.ts';
import type { OperationGuard } from './operation-guard.ts';
import type { ReadParameters } from './request-parameters.ts';

export type PreparerParts = {
  readonly schema: GraphQLSchema;
  readonly services: Pick<Context, 'gateway' | 'usage'>;
  readonly documents: DocumentCache;
  readonly limits: DocumentLimits;
  /** Whether errors suggest names of the schema. */
  readonly hints: boolean;
  readonly guard: OperationGuard;
  readonly readParameters: ReadParameters;
};

/** Who asks for an operation, and what becomes of it. */
export type Asking = {
  readonly caller: Caller;
  readonly signal: AbortSignalLike;
  readonly trace: TraceHeaders;
  readonly work: FaceWork;
};

/** Checks an operation as far as it can be before it runs. Throws a GraphQLError where it is refused. */
export type PrepareOperation = (params: unknown, asking: Asking) => OperationRun;

/** For transports that carry several operations: a refusal is the result of one of them, not of the request. */
export function createPreparer(parts: PreparerParts): PrepareOperation {
  const { schema, services, documents, guard, readParameters, hints } = parts;
  const rules = [...specifiedRules, ...documentRules(parts.limits)];

  return (given, { caller, ...asking }) => {
    const params = wellFormed(readParameters({ params: given, caller }));
    const operation = findOperation(params);
    const { operationName, variables } = params;
    const run: OperationRun = {
      ...{ operation, operationName, variables, context: { ...services, ...asking, caller } },
    };
    const refused = guard({ ...operation, variables }, caller);
    if (refused) throw refused;
    if (isSubscription(operation)) {
      const [invalid] = subscriptionErrors(run)?.errors ?? [];
      if (invalid) throw invalid;
    }
    return run;
  };

  function findOperation({ query, operationName }: Parameters): Operation {
    const known = findValid(query, operationName);
    if (known) return known;
    // Why it is refused, in the words of graphql-js without the client's values.
    const errors = validate(schema, parse(query, { maxTokens }), rules);
    const error = errors.find(isSizeRefusal) ?? errors[0];
    if (error) throw withoutQuotedValues(error, { hints, code: 'BAD_USER_INPUT' });
    throw badRequest('The document has no such operation. Name one of its operations as operationName.');
  }

  function findValid(query: string, operationName: string | null | undefined): Operation | undefined {
    try {
      return documents.find(query, operationName);
    } catch {
      return undefined;
    }
  }
}

/** The run without the compiled form, which writes its results as text. */
export function withResultObjects(run: OperationRun): OperationRun {
  return { ...run, operation: { ...run.operation, compiled: undefined } };
}

export function isSubscription({ definition }: Operation): boolean {
  return definition.operation === OperationTypeNode.SUBSCRIPTION;
}

type Parameters = Pick<OperationRun, 'operationName' | 'variables'> & { readonly query: string };

function wellFormed(params: unknown): Parameters {
  if (!isJsonObject(params)) throw badRequest('An operation is a JSON object.');
  const { query, variables, operationName } = params;
  if (typeof query !== 'string') throw badRequest('Send the document as "query", or the id of a persisted one.');
  if (variables != null && !isJsonObject(variables)) throw badRequest('"variables" is a JSON object.');
  if (operationName != null && typeof operationName !== 'string') throw badRequest('"operationName" is a string.');
  return { query, variables, operationName };
}

export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
