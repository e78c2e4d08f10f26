import { type ExecutionArgs, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Caller } from '../core/caller.ts';
import type { Gateway } from '../core/gateway.ts';
import type { Context } from './builder.ts';
import { type AnalyzedOperation, type Complexity, complexityOf, type ListLengths } from './complexity.ts';
import { maxRepresentations } from './federation.ts';
import { inputSizeError } from './input-limits.ts';
import { largestPage } from './model-connection.ts';

export type OperationGuardOptions = {
  readonly schema: GraphQLSchema;
  readonly gateway: Gateway;
  readonly maxComplexity: number;
  /** Whether every caller may introspect, and not only admins. */
  readonly introspection: boolean;
};

/** Why an operation must not run with these variables for this caller. */
export type OperationGuard = (
  operation: Pick<AnalyzedOperation, 'document' | 'definition' | 'variables'>,
  caller: Pick<Caller, 'admin' | 'introspection'>,
) => GraphQLError | undefined;

/**
 * The last check before an operation runs: nothing has been sent to a provider, and no stream begun. A resolver would
 * be too late: a subscription has opened its stream by then.
 */
export function createOperationGuard({
  schema,
  gateway,
  maxComplexity,
  introspection,
}: OperationGuardOptions): OperationGuard {
  const lengths = listLengths(gateway);
  const known = new WeakMap<AnalyzedOperation['definition'], Complexity>();

  function weigh(operation: Omit<AnalyzedOperation, 'schema'>): Complexity {
    const remembered = known.get(operation.definition);
    if (remembered) return remembered;
    const complexity = complexityOf({ schema, ...operation }, lengths);
    if (complexity.isFixed) known.set(operation.definition, complexity);
    return complexity;
  }

  return (operation, { admin, introspection: isReader = false }) => {
    const oversized = inputSizeError(schema, operation.definition, operation.variables);
    if (oversized) return oversized;
    const { fields, isIntrospection } = weigh(operation);
    if (isIntrospection && !introspection && !admin && !isReader) {
      const message =
        'This key may not introspect (introspection of a caller, or graphql.introspection for all, in parley.yaml). The schema is published as schema.graphql in the Parley repository.';
      return refusal('INTROSPECTION_DISABLED', message);
    }
    if (fields <= maxComplexity) return undefined;
    const message = `Query is too complex: about ${fields} fields, limit ${maxComplexity} (graphql.maxComplexity). Select fewer fields or avoid nested lists.`;
    return refusal('TOO_COMPLEX', message);
  };
}

/** The guard as a plugin for Yoga's path. */
export function withOperationGuard(gate: OperationGuard): Plugin<Context> {
  const check = ({ args, setResultAndStopExecution }: Payload) => {
    const { document, operationName, variableValues: variables, contextValue } = args;
    const definition = getOperationAST(document, operationName);
    if (!definition || !contextValue) return;
    const refused = gate({ document, definition, variables }, contextValue.caller);
    if (refused) setResultAndStopExecution({ errors: [refused] });
  };
  return { onExecute: check, onSubscribe: check };
}

type Payload = {
  readonly args: Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'> & {
    readonly contextValue?: Context;
  };
  readonly setResultAndStopExecution: (result: { errors: GraphQLError[] }) => void;
};

/** `models` counts whole, whatever its filter: the filter visits every model too. */
function listLengths({ models, providers }: Gateway): ListLengths {
  return {
    'Query.models': models.length,
    'Query.providers': providers.length,
    'Query._entities': maxRepresentations,
    'ModelConnection.edges': Math.min(largestPage, models.length),
    'Provider.models': Math.ceil(models.length / Math.max(1, providers.length)),
  };
}

/** A well-formed request that is refused: 200 for clients of the older media type (GraphQL over HTTP). */
function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { spec: true, status: 400 } } });
}
