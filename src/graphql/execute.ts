import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  executeSubscriptionEvent,
  validateSubscriptionArgs,
} from 'graphql';
import type { ChatEvent } from '../core/completion.ts';
import { forEachBatch } from '../core/poll-stream.ts';
import type { Context } from './builder.ts';
import { toCallOptions } from './call-options.ts';
import { failedEvent } from './chat-stream.ts';
import type { CompiledField } from './compiled-operation.ts';
import { answerChat } from './completion.ts';
import type { Operation } from './document-cache.ts';
import { asksForJson, type StreamEvent } from './object-snapshots.ts';
import { createAdditions } from './stream-events.ts';

/** A result, or its JSON text. */
export type Result = string | ExecutionResult;

/** Emits one event, with its id where the stream can be resumed. Returns a promise while the client is behind. */
export type ToEvents = (result: Result, id?: string) => Promise<void> | undefined;

export type OperationRun = {
  readonly operation: Operation;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly context: Context;
};

export async function runQuery(running: OperationRun): Promise<Result> {
  const { operation, context, variables } = running;
  const { compiled, definition } = operation;
  const inputs = compiled?.argumentsOf(variables ?? {});
  if (!compiled || !inputs) return execute(toArgs(running, context));
  const answers = inputs.map((input) => answerChat(input, context, { operation: definition }));
  try {
    const values = await Promise.all(answers);
    return `{"data":{${compiled.fields.map(({ key, serialize }, index) => `${key}:${serialize(values[index])}`).join(',')}}}`;
  } catch {
    // graphql-js formats the error, from the same answers in the same order: no request is sent twice.
    const asked = answers.values();
    const chat = async () => (await asked.next().value) as Awaited<ReturnType<Context['gateway']['chat']>>;
    return execute(toArgs(running, { ...context, gateway: { ...context.gateway, chat } }));
  }
}

export async function runSubscription(running: OperationRun, toEvents: ToEvents): Promise<void> {
  const { operation, context, variables } = running;
  const { compiled, definition } = operation;
  const [input] = compiled?.argumentsOf(variables ?? {}) ?? [];
  if (!compiled || input === undefined) return subscribeByEngine(running, toEvents);
  const [field] = compiled.fields;
  const { selectsWholeAnswer: wholeAnswer, selectsObjects } = operation;
  const additions = createAdditions({ wholeAnswer, objects: selectsObjects && asksForJson(input) && 'fromStart' });
  try {
    const events = await context.gateway.stream(input, toCallOptions(context, { operation: definition }));
    await forEachBatch(events, (batch) => {
      let busy: Promise<void> | undefined;
      for (const event of batch) busy = busy ? busy.then(() => toEventsOf(event)) : toEventsOf(event);
      return busy;
    });
  } catch (thrown) {
    await toEventsOf(failedEvent(thrown));
  }

  function toEventsOf(received: ChatEvent): Promise<void> | undefined {
    if (!additions) return emit(received);
    let busy: Promise<void> | undefined;
    for (const event of additions(received)) busy = busy ? busy.then(() => emit(event)) : emit(event);
    return busy;
  }

  function emit(event: StreamEvent): Promise<void> | undefined {
    const text = executeCompiled(event, field);
    if (text !== undefined) return toEvents(text, event.cursor);
    return executeByEngine(event, running).then((result) => toEvents(result, event.cursor));
  }
}

/** Why a subscription cannot begin: invalid variables. Undefined where it can. */
export function subscriptionErrors(running: OperationRun): ExecutionResult | undefined {
  const { compiled } = running.operation;
  if (compiled?.argumentsOf(running.variables ?? {})) return undefined;
  const validated = validateSubscriptionArgs(toArgs(running, running.context));
  return 'schema' in validated ? undefined : { errors: validated };
}

async function subscribeByEngine(running: OperationRun, toEvents: ToEvents): Promise<void> {
  const validated = validateSubscriptionArgs(toArgs(running, running.context));
  if (!('schema' in validated)) return toEvents({ errors: validated });
  const source = await createSourceEventStream(validated);
  if (!(Symbol.asyncIterator in source)) return toEvents(source);
  for await (const rootValue of source) {
    const result = await executeSubscriptionEvent({ ...validated, rootValue });
    await toEvents(result, (rootValue as ChatEvent).cursor);
  }
}

function executeCompiled(event: StreamEvent, { key, serialize }: CompiledField): string | undefined {
  try {
    return `{"data":{${key}:${serialize(event)}}}`;
  } catch {
    return undefined;
  }
}

/** graphql-js formats an event that the compiled form cannot. */
async function executeByEngine(rootValue: StreamEvent, running: OperationRun): Promise<ExecutionResult> {
  const validated = validateSubscriptionArgs(toArgs(running, running.context));
  return 'schema' in validated ? executeSubscriptionEvent({ ...validated, rootValue }) : { errors: validated };
}

function toArgs(
  { operation: { schema, document }, operationName, variables }: OperationRun,
  context: Context,
): ExecutionArgs {
  return { schema, document, contextValue: context, variableValues: variables, operationName };
}
