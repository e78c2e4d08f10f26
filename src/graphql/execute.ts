import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  executeSubscriptionEvent,
  subscribe,
  validateSubscriptionArgs,
} from 'graphql';
import type { ChatEvent } from '../core/completion.ts';
import { readEach } from '../core/poll-stream.ts';
import type { Context } from './builder.ts';
import { toCallOptions } from './call-options.ts';
import { failedEvent } from './chat-stream.ts';
import type { AskingField } from './compiled-operation.ts';
import { answerChat } from './completion.ts';
import type { Operation } from './document-cache.ts';
import { schema } from './schema.ts';

/** A result, or its JSON where that is known already. */
export type Result = string | ExecutionResult;

/** Takes one more event; what it returns, if anything, is to be waited for. */
export type Tell = (result: Result) => Promise<void> | undefined;

export type Running = {
  readonly operation: Operation;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
  readonly context: Context;
};

export async function runQuery(running: Running): Promise<Result> {
  const { operation, context, variables } = running;
  const { plan, definition } = operation;
  const inputs = plan?.inputsOf(variables ?? {});
  if (!plan || !inputs) return execute(toArgs(running, context));
  const answers = inputs.map((input) => answerChat(input, context, { operation: definition }));
  try {
    const values = await Promise.all(answers);
    return `{"data":{${plan.fields.map(({ key, write }, index) => `${key}:${write(values[index])}`).join(',')}}}`;
  } catch {
    // What is amiss, and where, is told by graphql-js, of the same answers in the same order: nobody is asked twice.
    const asked = answers.values();
    const chat = async () => (await asked.next().value) as Awaited<ReturnType<Context['gateway']['chat']>>;
    return execute(toArgs(running, { ...context, gateway: { ...context.gateway, chat } }));
  }
}

export async function runSubscription(running: Running, tell: Tell): Promise<void> {
  const { operation, context, variables } = running;
  const { plan, definition } = operation;
  const [input] = plan?.inputsOf(variables ?? {}) ?? [];
  if (!plan || input === undefined) return subscribeByEngine(running, tell);
  const [field] = plan.fields;
  try {
    const events = await context.gateway.stream(input, toCallOptions(context, { operation: definition }));
    await readEach(events, (batch) => {
      let busy: Promise<void> | undefined;
      for (const event of batch) busy = busy ? busy.then(() => tellOf(event)) : tellOf(event);
      return busy;
    });
  } catch (thrown) {
    await tellOf(failedEvent(thrown));
  }

  function tellOf(event: ChatEvent): Promise<void> | undefined {
    const text = write(event, field);
    return text === undefined ? writeByEngine(event, running).then(tell) : tell(text);
  }
}

async function subscribeByEngine(running: Running, tell: Tell): Promise<void> {
  const subscribed = await subscribe(toArgs(running, running.context));
  if (!(Symbol.asyncIterator in subscribed)) return tell(subscribed);
  for await (const result of subscribed) await tell(result);
}

function write(event: ChatEvent, { key, write }: AskingField): string | undefined {
  try {
    return `{"data":{${key}:${write(event)}}}`;
  } catch {
    return undefined;
  }
}

/** What is amiss with an event is told by graphql-js. */
async function writeByEngine(rootValue: ChatEvent, running: Running): Promise<ExecutionResult> {
  const validated = validateSubscriptionArgs(toArgs(running, running.context));
  return 'schema' in validated ? executeSubscriptionEvent({ ...validated, rootValue }) : { errors: validated };
}

function toArgs({ operation: { document }, operationName, variables }: Running, context: Context): ExecutionArgs {
  return { schema, document, contextValue: context, variableValues: variables, operationName };
}
