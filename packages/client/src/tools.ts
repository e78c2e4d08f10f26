import type { ChatEvent, Completion, PartialCompletion, ToolCall } from './completion.ts';
import type { ChatInput, MessageInput } from './operations.ts';
import { type OutputOf, type Schema, toJsonSchema, validate } from './schema.ts';
import { createStream, type StreamOptions } from './stream.ts';
import type { TransportOptions } from './transport.ts';

/** A function that a model may call. */
export type Tool<S extends Schema = Schema> = {
  /** What it does and when to use it, for the model. */
  readonly description: string;
  /** Its arguments: a zod schema, or JSON Schema. */
  readonly parameters: S;
  /** Returns what the model is told, as text or JSON. What it throws is told as an error. */
  readonly execute: (args: OutputOf<S>, context: { readonly signal: AbortSignal }) => unknown;
};

/** Infers the type of the arguments from the schema. */
export function tool<S extends Schema>(definition: Tool<S>): Tool {
  return definition as unknown as Tool;
}

export type Tools = Readonly<Record<string, Tool>>;

/** What a tool returned. */
export type ToolResult = { readonly call: ToolCall; readonly content: string; readonly isError: boolean };

export type RunToolsOptions = StreamOptions & {
  /** The most answers, 1 and more. Default: 8. */
  readonly maxSteps?: number;
  readonly onEvent?: (event: ChatEvent, soFar: PartialCompletion) => void;
  readonly onToolResult?: (result: ToolResult) => void;
};

export type ToolRun = {
  /** The last answer. It calls no tools, except where `maxSteps` ended the run. */
  readonly completion: Completion;
  /** All answers, in order. */
  readonly steps: readonly Completion[];
  /** The conversation, with answers and results, for the next request. */
  readonly messages: readonly MessageInput[];
};

/** Answers, runs the tools that are called side by side, and answers again, until none is called. */
export async function runTools(
  transport: TransportOptions,
  {
    tools,
    ...input
  }: Omit<ChatInput, 'tools' | 'messages'> & {
    readonly tools: Tools;
    readonly messages: readonly MessageInput[];
  },
  { maxSteps = 8, onEvent, onToolResult, signal = new AbortController().signal, ...options }: RunToolsOptions = {},
): Promise<ToolRun> {
  const messages: MessageInput[] = [...input.messages];
  const steps: Completion[] = [];
  for (;;) {
    const asked = { ...input, messages, tools: toToolInputs(tools) };
    const completion = await createStream(transport, { input: asked }, { ...options, signal }).toCompletion(onEvent);
    steps.push(completion);
    messages.push(toMessage(completion));
    if (completion.toolCalls.length === 0 || steps.length >= maxSteps) return { completion, steps, messages };
    const results = await Promise.all(
      completion.toolCalls.map(async (call) => {
        const result = await runTool(tools[call.name], call, signal);
        onToolResult?.(result);
        return result;
      }),
    );
    messages.push(...results.map(toToolMessage));
  }
}

export function toToolInputs(
  tools: Readonly<Record<string, Pick<Tool, 'description' | 'parameters'>>>,
): NonNullable<ChatInput['tools']> {
  return Object.entries(tools).map(([name, { description, parameters }]) => ({
    name,
    description,
    parameters: toJsonSchema(parameters),
  }));
}

/** The answer as a message of the conversation. */
export function toMessage(answer: Pick<Completion, 'text' | 'toolCalls' | 'providerState'>): MessageInput {
  const { text: content, toolCalls, providerState } = answer;
  return { role: 'ASSISTANT', content, toolCalls: [...toolCalls], providerState };
}

export function toToolMessage({ call, content, isError }: ToolResult): MessageInput {
  return { role: 'TOOL', toolCallId: call.id, content, isError };
}

/** Runs one call. What is wrong with it is told to the model, which may call again. */
export async function runTool(definition: Tool | undefined, call: ToolCall, signal: AbortSignal): Promise<ToolResult> {
  const told = (content: unknown, isError = false): ToolResult => ({
    call,
    content: typeof content === 'string' ? content : (JSON.stringify(content) ?? ''),
    isError,
  });
  if (!definition) return told(`There is no tool "${call.name}".`, true);
  let result: unknown;
  try {
    const checked = await validate(definition.parameters, JSON.parse(call.arguments || '{}'));
    if ('issues' in checked) return told({ issues: checked.issues }, true);
    result = await definition.execute(checked.value, { signal });
  } catch (thrown) {
    signal.throwIfAborted();
    return told(thrown instanceof Error ? thrown.message : String(thrown), true);
  }
  signal.throwIfAborted();
  return told(result);
}
