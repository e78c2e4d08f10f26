import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Gateway } from '../core/gateway.ts';
import type { Context } from './builder.ts';
import { complexityOf, type ListLengths, type Operation } from './complexity.ts';

export type GateOptions = {
  readonly gateway: Gateway;
  readonly maxComplexity: number;
  /** Whether everybody may ask for the schema, and not just an admin. */
  readonly introspection: boolean;
};

type Payload = {
  readonly args: Operation & { readonly contextValue?: Context };
  readonly setResultAndStopExecution: (result: { errors: GraphQLError[] }) => void;
};

/**
 * The last look at an operation before any of it runs: nothing is asked of a provider, and no stream begun, that is refused
 * here. In a resolver it would come too late: a subscription has opened its stream by then.
 */
export function createGate({ gateway, maxComplexity, introspection }: GateOptions): Plugin<Context> {
  const lengths = lengthsOf(gateway);
  const check = ({ args, setResultAndStopExecution }: Payload) => {
    const { fields, asksForSchema } = complexityOf(args, lengths);
    if (asksForSchema && !introspection && !args.contextValue?.caller.admin) {
      const message = 'The schema is not shown here. It is in the repository of Parley (schema.graphql).';
      setResultAndStopExecution({ errors: [refusal('INTROSPECTION_DISABLED', message)] });
    } else if (fields > maxComplexity) {
      const message = `This operation resolves about ${fields} fields; ${maxComplexity} at most are allowed. Select fewer, or leave lists of lists out.`;
      setResultAndStopExecution({ errors: [refusal('TOO_COMPLEX', message)] });
    }
  };
  return { onExecute: check, onSubscribe: check };
}

/** `models` is counted whole, whatever its filter: that is looked at for every model, too. */
function lengthsOf({ models, providers }: Gateway): ListLengths {
  return {
    'Query.models': models.length,
    'Query.providers': providers.length,
    'Provider.models': Math.ceil(models.length / Math.max(1, providers.length)),
  };
}

/** A request that was well-formed, and refused all the same: 200 for clients of the older media type (GraphQL over HTTP). */
function refusal(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { spec: true, status: 400 } } });
}
