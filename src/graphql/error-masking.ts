import { type ExecutionResult, GraphQLError } from 'graphql';
import type { Log } from '../core/ports.ts';

/**
 * Errors about the document or its variables are for the client. Everything else that is thrown is a defect: the log
 * gets its details, the client one sentence.
 */
export function createErrorMask(log: Log, hints: boolean) {
  return (thrown: unknown): GraphQLError => {
    if (thrown instanceof GraphQLError && isAboutDocument(thrown))
      return withoutQuotedValues(thrown, { hints, code: 'BAD_USER_INPUT' });
    log.error({ err: thrown }, 'GraphQL request failed: defect of the gateway');
    return new GraphQLError('The gateway failed to handle this request. Its log has the details.', {
      extensions: { code: 'INTERNAL' },
    });
  };
}

function isAboutDocument({ originalError }: GraphQLError): boolean {
  return originalError === undefined || originalError === null || originalError instanceof GraphQLError;
}

/** The result with its errors masked. */
export function withMaskedErrors(result: ExecutionResult, mask: (thrown: unknown) => GraphQLError): ExecutionResult {
  return result.errors ? { ...result, errors: result.errors.map(mask) } : result;
}

const maxMessageChars = 300;
/** Characters of each end of a longer message that are looked at: names and values in it are the client's own text. */
const maxEndChars = 1_000;

export type MaskOptions = {
  /** Whether suggestions ("Did you mean …?") stay, which reveal names of the schema. */
  readonly hints: boolean;
  /** The code of an error that has none. */
  readonly code?: string;
};

/** graphql-js prints the values that it refuses, and here those are prompts: the path and the reason are enough. */
export function withoutQuotedValues(error: GraphQLError, { hints, code }: MaskOptions): GraphQLError {
  const { originalError, nodes, source, positions, path, extensions } = error;
  // An error of a resolver of ours quotes nothing.
  const isOwn = originalError instanceof GraphQLError && originalError.extensions['code'] !== undefined;
  const message = isOwn
    ? shorten(error.message)
    : originalError instanceof GraphQLError
      ? `${pathIn(error.message, originalError.message)}: ${withoutQuotedValue(shorten(originalError.message))}`
      : withoutQuotedValue(shorten(error.message));
  return new GraphQLError(clip(hints ? message : message.replace(/ Did you mean .*\?$/s, '')), {
    nodes,
    source,
    positions,
    path,
    extensions: { ...(code && { code }), ...extensions },
  });
}

/** The path in `Variable "$input" has invalid value at .messages[0].role: reason`. */
function pathIn(whole: string, reason: string): string {
  const before = whole.slice(0, Math.max(0, whole.length - reason.length)).slice(0, maxMessageChars);
  const [, name, path] = /^Variable "\$(\w+)" has invalid value(?: at (\S+))?: $/.exec(before) ?? [];
  if (name === undefined) return 'A variable has an invalid value';
  return `Variable "$${name}" has an invalid value${path === undefined ? '' : ` at "${name}${path}"`}`;
}

function withoutQuotedValue(reason: string): string {
  return (
    reason
      .replace(/^Value ".*" does not exist in "(\w+)" enum\./s, 'Expected a value of the enum "$1".')
      // The token that a syntax error found stays, unless it is a string.
      .replace(/,? found:? (?!<EOF>|Name |[^\w\s"{[]).*$/s, '.')
      .replace(/(Unexpected (?:Int|Float|String|BlockString)) .*$/s, '$1.')
      .replace(/\? Found: .*$/s, '?')
      .replace(/(represent .*?value|represent value): .*$/s, '$1.')
  );
}

/**
 * Bounds a message before any expression runs over it. Beginning and end stay: the quoted value between them is recognized by
 * what follows it.
 */
function shorten(message: string): string {
  return message.length > 2 * maxEndChars ? `${message.slice(0, maxEndChars)}…${message.slice(-maxEndChars)}` : message;
}

function clip(message: string): string {
  return message.length > maxMessageChars ? `${message.slice(0, maxMessageChars)}…` : message;
}
