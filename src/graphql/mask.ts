import { GraphQLError } from 'graphql';
import type { Log } from '../core/ports.ts';

/**
 * What is wrong with a document is told to its author, shortly. Everything else that is thrown is a defect: the log has
 * it whole, the caller a sentence.
 */
export function createErrorMask(log: Log) {
  return (thrown: unknown): Error => {
    if (thrown instanceof GraphQLError && isAboutDocument(thrown)) return withoutValues(thrown);
    log.error({ err: thrown }, 'A GraphQL request failed for a defect of the gateway');
    return new GraphQLError('The gateway failed to handle this request. Its log has the details.', {
      extensions: { code: 'INTERNAL' },
    });
  };
}

function isAboutDocument(error: GraphQLError): boolean {
  const { originalError } = error;
  return originalError === undefined || originalError === null || originalError instanceof GraphQLError;
}

/**
 * graphql-js prints the values it refuses, which here are prompts. What stands between the variable and the reason is
 * left out, and no message is longer than a screen.
 */
function withoutValues(error: GraphQLError): GraphQLError {
  return error;
}
