import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  executeSubscriptionEvent,
  mapSourceToResponseEvent,
  type ValidatedSubscriptionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import { isAsyncIterable } from 'graphql-yoga';
import type { ChatEvent } from '../core/completion.ts';

/** A result that knows its JSON text already. */
export type WrittenResult = ExecutionResult & { readonly stringify?: () => string };

/** As graphql-js subscribes, but for deltas of text: those are not run one by one. */
export async function subscribe(args: ExecutionArgs): Promise<ExecutionResult | AsyncIterable<WrittenResult>> {
  const validated = validateSubscriptionArgs(args);
  if (!('schema' in validated)) return { errors: validated };
  const source = await createSourceEventStream(validated);
  if (!isAsyncIterable(source)) return source;
  const writeDelta = createDeltaWriter(validated);
  return mapSourceToResponseEvent(
    validated,
    source,
    (event) => writeDelta(event.rootValue as ChatEvent) ?? executeSubscriptionEvent(event),
  ) as AsyncIterable<WrittenResult>;
}

/** No name of GraphQL's: among the values of a result it can only be the text that was given. */
const mark = '.';

/**
 * Of a delta an operation can ask nothing but its text and the name of its type. What it writes around the text is learnt by
 * running it once with a mark for a text; the texts of all others are put in the place of the mark.
 */
function createDeltaWriter(args: ValidatedSubscriptionArgs) {
  const known = new Map<ChatEvent['type'], readonly string[] | undefined>();

  function learn(type: 'content' | 'reasoning'): readonly string[] | undefined {
    const rootValue: ChatEvent = { type, text: mark };
    const result = executeSubscriptionEvent({ ...args, rootValue });
    const pieces = 'data' in result && !result.errors ? JSON.stringify(result).split(JSON.stringify(mark)) : undefined;
    known.set(type, pieces);
    return pieces;
  }

  return (event: ChatEvent): WrittenResult | undefined => {
    if (event.type !== 'content' && event.type !== 'reasoning') return undefined;
    const around = known.has(event.type) ? known.get(event.type) : learn(event.type);
    return around && { stringify: () => around.join(JSON.stringify(event.text)) };
  };
}
