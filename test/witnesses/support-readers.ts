import Anthropic from '@anthropic-ai/sdk';
import {
  type GenerateContentParameters,
  type GenerateContentResponse,
  type GenerateContentResponseUsageMetadata,
  GoogleGenAI,
  type Part,
} from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import type { ChatCompletionRequest, ContentChunk } from '@mistralai/mistralai/models/components';
import { type Cohere, CohereClientV2 } from 'cohere-ai';
import OpenAI from 'openai';
import { expect } from 'vitest';
import type { Mode } from '../../src/core/adapter.ts';

/** The content of an answer, read from the types of a vendor's SDK. */
export type View = {
  text: string;
  reasoning: string;
  toolCalls: { id: unknown; name: unknown; arguments: unknown }[];
  finishReason: string | undefined;
  usage: { input: number | undefined; output: number | undefined };
};

// One function per vendor: its SDK asks, and returns what it read.

export async function readOpenAi(
  params: Omit<OpenAI.ChatCompletionCreateParamsNonStreaming, 'stream'>,
  mode: Mode,
): Promise<View> {
  const { completions } = new OpenAI({ apiKey: 'test-key', maxRetries: 0 }).chat;
  const { choices, usage } =
    mode === 'whole'
      ? await completions.create(params)
      : await completions.stream({ ...params, stream_options: { include_usage: true } }).finalChatCompletion();
  const [choice] = choices;
  return {
    text: choice?.message.content ?? '',
    // Chat Completions never reports any.
    reasoning: '',
    toolCalls: (choice?.message.tool_calls ?? []).map((call) => {
      if (call.type !== 'function') throw new Error('Not a function');
      return { id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments || '{}') };
    }),
    finishReason: choice?.finish_reason,
    usage: { input: usage?.prompt_tokens, output: usage?.completion_tokens },
  };
}

export async function readOpenAiResponses(
  params: Omit<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'stream'>,
  mode: Mode,
): Promise<View> {
  const { responses } = new OpenAI({ apiKey: 'test-key', maxRetries: 0 });
  const { output, status, incomplete_details, usage } =
    mode === 'whole' ? await responses.create(params) : await responses.stream(params).finalResponse();
  return {
    text: output
      .flatMap((item) => (item.type === 'message' ? item.content : []))
      .map((part) => (part.type === 'output_text' ? part.text : ''))
      .join(''),
    reasoning: output
      .flatMap((item) => (item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])] : []))
      .map(({ text }) => text)
      .join(''),
    toolCalls: output.flatMap((item) =>
      item.type === 'function_call' && item.status !== 'incomplete'
        ? [{ id: item.call_id, name: item.name, arguments: JSON.parse(item.arguments) }]
        : [],
    ),
    finishReason: incomplete_details?.reason ?? status,
    usage: { input: usage?.input_tokens, output: usage?.output_tokens },
  };
}

export async function readAnthropic(params: Anthropic.MessageCreateParamsNonStreaming, mode: Mode): Promise<View> {
  const client = new Anthropic({ apiKey: 'test-key', maxRetries: 0 });
  const { content, stop_reason, usage } =
    // Whole answers that may take more than ten minutes need an explicit timeout.
    mode === 'whole'
      ? await client.messages.create(params, { timeout: 60_000 })
      : await client.messages.stream(params).finalMessage();
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    reasoning: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    toolCalls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, arguments: block.input }] : [],
    ),
    finishReason: stop_reason ?? undefined,
    usage: {
      input: usage.input_tokens + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0),
      output: usage.output_tokens,
    },
  };
}

export async function readMistral(params: ChatCompletionRequest, mode: Mode): Promise<View> {
  const client = new Mistral({ apiKey: 'test-key', retryConfig: { strategy: 'none' } });
  const view = emptyView();
  const calls: { id: unknown; index: unknown; name: unknown; json: string }[] = [];
  const read = (message: MistralMessage | undefined) => {
    view.text += textOf(message?.content, 'text');
    view.reasoning += textOf(message?.content, 'thinking');
    for (const { id, index, function: called } of message?.toolCalls ?? []) {
      const json = typeof called.arguments === 'string' ? called.arguments : JSON.stringify(called.arguments);
      // Where the wire has none, the SDK writes the index 0 and the id "null": an id of its own begins a call.
      const known = calls.findLast((call) => (id === 'null' ? call.index === index : call.id === id));
      if (known) known.json += json;
      else calls.push({ id, index, name: called.name, json });
    }
  };
  if (mode === 'whole') {
    const { choices, usage } = await client.chat.complete(params);
    read(choices[0]?.message);
    view.finishReason = choices[0]?.finishReason ?? undefined;
    view.usage = { input: usage.promptTokens, output: usage.completionTokens };
  } else {
    for await (const { data } of await client.chat.stream(params)) {
      read(data.choices[0]?.delta);
      view.finishReason = data.choices[0]?.finishReason ?? view.finishReason;
      if (data.usage) view.usage = { input: data.usage.promptTokens, output: data.usage.completionTokens };
    }
  }
  view.toolCalls = calls.map(({ id, name, json }) => ({
    id,
    name,
    arguments: JSON.parse(json || '{}'),
  }));
  return view;
}

export async function readCohere(params: Cohere.V2ChatRequest, mode: Mode): Promise<View> {
  const client = new CohereClientV2({ token: 'test-key', maxRetries: 0 });
  const view = emptyView();
  if (mode === 'whole') {
    const { message, finishReason, usage } = await client.chat(params);
    for (const part of message.content ?? []) {
      if (part.type === 'text') view.text += part.text;
      if (part.type === 'thinking') view.reasoning += part.thinking;
    }
    view.reasoning += message.toolPlan ?? '';
    view.toolCalls = (message.toolCalls ?? []).map(({ id, function: called }) => ({
      id,
      name: called?.name,
      arguments: parseArguments(called?.arguments),
    }));
    return {
      ...view,
      finishReason,
      usage: { input: usage?.tokens?.inputTokens, output: usage?.tokens?.outputTokens },
    };
  }
  const calls: { id: unknown; name: unknown; json: string }[] = [];
  for await (const event of await client.chatStream(params)) {
    switch (event.type) {
      case 'content-start':
        view.text += event.delta?.message?.content?.text ?? '';
        view.reasoning += event.delta?.message?.content?.thinking ?? '';
        break;
      case 'content-delta':
        view.text += event.delta?.message?.content?.text ?? '';
        view.reasoning += event.delta?.message?.content?.thinking ?? '';
        break;
      case 'tool-plan-delta':
        view.reasoning += event.delta?.message?.toolPlan ?? '';
        break;
      case 'tool-call-start': {
        const call = event.delta?.message?.toolCalls;
        calls.push({ id: call?.id, name: call?.function?.name, json: call?.function?.arguments ?? '' });
        break;
      }
      case 'tool-call-delta': {
        const open = calls.at(-1);
        if (open) open.json += event.delta?.message?.toolCalls?.function?.arguments ?? '';
        break;
      }
      case 'message-end':
        view.finishReason = event.delta?.finishReason;
        view.usage = {
          input: event.delta?.usage?.tokens?.inputTokens,
          output: event.delta?.usage?.tokens?.outputTokens,
        };
    }
  }
  view.toolCalls = calls.map(({ id, name, json }) => ({ id, name, arguments: parseArguments(json) }));
  return view;
}

export async function readGoogle(params: GenerateContentParameters, mode: Mode): Promise<View> {
  const { models } = new GoogleGenAI({ apiKey: 'test-key' });
  const view = emptyView();
  let usage: GenerateContentResponseUsageMetadata = {};
  const read = ({ candidates, usageMetadata }: GenerateContentResponse) => {
    for (const part of candidates?.[0]?.content?.parts ?? []) readGeminiPart(view, part);
    view.finishReason = candidates?.[0]?.finishReason ?? view.finishReason;
    // A stream may report its usage in several parts.
    usage = { ...usage, ...usageMetadata };
  };
  if (mode === 'whole') read(await models.generateContent(params));
  else for await (const piece of await models.generateContentStream(params)) read(piece);
  const { promptTokenCount = 0, toolUsePromptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = usage;
  const input = promptTokenCount + toolUsePromptTokenCount;
  return { ...view, usage: { input, output: candidatesTokenCount + thoughtsTokenCount } };
}

function emptyView(): View {
  return {
    text: '',
    reasoning: '',
    toolCalls: [],
    finishReason: undefined,
    usage: { input: undefined, output: undefined },
  };
}

type MistralMessage = {
  content?: string | ContentChunk[] | null | undefined;
  toolCalls?:
    | { id?: string | undefined; index?: number | undefined; function: { name: string; arguments: unknown } }[]
    | null
    | undefined;
};

function textOf(content: MistralMessage['content'], type: 'text' | 'thinking'): string {
  if (typeof content === 'string') return type === 'text' ? content : '';
  return (content ?? [])
    .map((chunk) => {
      if (chunk.type !== type) return '';
      if (chunk.type === 'text') return chunk.text;
      return chunk.type === 'thinking' ? chunk.thinking.map((part) => ('text' in part ? part.text : '')).join('') : '';
    })
    .join('');
}

/** Cohere writes "null" for a call without arguments. */
function parseArguments(json: string | undefined): unknown {
  return JSON.parse(json || '{}') ?? {};
}

function readGeminiPart(view: View, { text = '', thought, functionCall: call }: Part): void {
  if (thought) view.reasoning += text;
  else view.text += text;
  const open = view.toolCalls.at(-1);
  if (call?.name) {
    // Many answers give their calls no ids; ours are then generated.
    view.toolCalls.push({ id: call.id ?? expect.any(String), name: call.name, arguments: call.args ?? {} });
  }
  // The SDK passes argument pieces on as they come; its user concatenates them.
  else if (call?.partialArgs && open) open.arguments = expect.any(Object);
}
