import type { ChatCompletionRequest, ToolDefinition } from '@copilotkit/aimock';
import { sampleOf } from './schema-sample.ts';

/** The sandbox's canned responses: every feature of the schema can be tried without a key. */

/** Features that a request asks for besides its messages. Each wire encodes them differently. */
export type RequestedFeatures = {
  readonly json?: { readonly schema?: unknown } | undefined;
  readonly tool?: 'none' | 'any' | { readonly name: string } | undefined;
  readonly reasoning?: boolean;
  readonly maxTokens?: number | undefined;
  /** Tool schemas by name, where aimock does not pass them on. */
  readonly parameters?: { readonly [tool: string]: unknown };
  /** Finish reason of an answer with tool calls, where aimock's differs from the provider's. */
  readonly callsFinishReason?: string;
};

export type CannedResponse = {
  content?: string;
  toolCalls?: { name: string; arguments: string }[];
  reasoning?: string;
  finishReason?: string;
  usage: { prompt_tokens: number; completion_tokens: number; input_tokens: number; output_tokens: number };
};

export function cannedResponse(request: ChatCompletionRequest, features: RequestedFeatures): CannedResponse {
  const prompt = lastText(request, 'user');
  const result = resultOfTool(request);
  const reasoning = features.reasoning
    ? `The prompt has ${prompt.length} characters. A short, friendly answer will do.`
    : undefined;
  const calls = result === undefined ? callsFor(request.tools ?? [], prompt, features) : [];
  if (calls.length > 0) {
    const written = calls.map((call) => call.name + call.arguments).join('');
    return {
      toolCalls: calls,
      ...(reasoning && { reasoning }),
      ...(features.callsFinishReason && { finishReason: features.callsFinishReason }),
      usage: usageOf(request, written, reasoning),
    };
  }
  const whole = features.json
    ? JSON.stringify(jsonFor(features.json.schema, prompt))
    : result === undefined
      ? textFor(request, prompt)
      : `The tool returned: ${result}`;
  const content = features.maxTokens === undefined ? whole : whole.slice(0, features.maxTokens * charsPerToken);
  return {
    content,
    ...(reasoning && { reasoning }),
    ...(content.length < whole.length && { finishReason: 'length' }),
    usage: usageOf(request, content, reasoning),
  };
}

function textFor({ model }: ChatCompletionRequest, prompt: string): string {
  const asked = prompt.length > 120 ? `${prompt.slice(0, 120)}…` : prompt;
  return (
    `Hello from Parley's sandbox, answering in the place of ${model}.\n\n` +
    `You asked: “${asked}”\n\n` +
    'This text was written on your own machine: no provider was called and nothing was paid. It came over the ' +
    "provider's own wire and through the same code as a real answer would. Put a key into `.env`, start again, and the same query " +
    'reaches the real model.'
  );
}

function jsonFor(schema: unknown, prompt: string): unknown {
  if (schema !== undefined) return sampleOf(schema, wordsOf(prompt));
  return { sandbox: true, message: "Hello from Parley's sandbox", promptCharacters: prompt.length };
}

/** Calls each tool that the prompt mentions by a word of its name, or the one that the request forces. */
function callsFor(
  tools: readonly ToolDefinition[],
  prompt: string,
  { tool: feature, parameters: schemas = {} }: RequestedFeatures,
): { name: string; arguments: string }[] {
  if (feature === 'none') return [];
  // Words of the beginning are enough, and no expression runs over a prompt of megabytes.
  const beginning = prompt.slice(0, maxPromptChars);
  const words = wordsOf(beginning);
  const named = typeof feature === 'object' ? tools.filter((tool) => tool.function.name === feature.name) : [];
  const spoken = tools.filter((tool) =>
    wordsOf(tool.function.name).some((word) => word.length > 2 && words.includes(word)),
  );
  const generic = /\b(call|use|run)\b.{0,200}\b(tool|function)s?\b/i.test(beginning) ? tools.slice(0, 1) : [];
  const forced = feature === 'any' ? tools.slice(0, 1) : [];
  const chosen = [named, spoken, generic, forced].find((candidates) => candidates.length > 0) ?? [];
  return chosen.map(({ function: { name, parameters } }) => ({
    name,
    arguments: JSON.stringify(
      fillFrom(beginning, sampleOf({ type: 'object', ...parameters, ...Object(schemas[name]) }, words)),
    ),
  }));
}

/** A place named in the prompt makes a better argument than a sample: "the weather in Paris". */
function fillFrom(prompt: string, sample: unknown): unknown {
  const place = /\b(?:in|for|at|à|en|de)\s+(\p{Lu}[\p{L}'-]*(?:\s\p{Lu}[\p{L}'-]*)*)/u.exec(prompt)?.[1];
  if (!place || typeof sample !== 'object' || sample === null) return sample;
  return Object.fromEntries(
    Object.entries(sample).map(([key, value]) => [
      key,
      /city|location|place|town/i.test(key) && typeof value === 'string' ? place : value,
    ]),
  );
}

/** `getWeather`, `get_weather` and "Get weather" have the same words. */
function wordsOf(text: string): string[] {
  return text
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

function resultOfTool({ messages }: ChatCompletionRequest): string | undefined {
  const last = messages.at(-1);
  return last?.role === 'tool' ? textOf(last.content) : undefined;
}

function lastText({ messages }: ChatCompletionRequest, role: string): string {
  return textOf(messages.findLast((message) => message.role === role)?.content ?? '');
}

function textOf(content: ChatCompletionRequest['messages'][number]['content']): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => part.text ?? '').join('');
}

/** The common rule of thumb for English, applied to what was sent and written. */
/** Characters of a prompt that the script looks at. */
const maxPromptChars = 2_000;

const charsPerToken = 4;

function usageOf({ messages, tools }: ChatCompletionRequest, written: string, reasoning = ''): CannedResponse['usage'] {
  const read =
    messages.map((message) => textOf(message.content)).join('') + (tools?.length ? JSON.stringify(tools) : '');
  const input = Math.max(1, Math.ceil(read.length / charsPerToken));
  const output = Math.max(1, Math.ceil((written.length + reasoning.length) / charsPerToken));
  return { prompt_tokens: input, completion_tokens: output, input_tokens: input, output_tokens: output };
}
