import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';

/** Answers as the SDKs of OpenAI and Anthropic read them, of a gateway or of recorded bytes. */

const noEndpoint = 'http://127.0.0.1:9';

export function askMessages(url: string, model: string, isStream: boolean): Promise<Anthropic.Message> {
  return readMessages(new Anthropic({ baseURL: url, apiKey: 'any', maxRetries: 0 }), model, isStream);
}

export function foldMessages(bytes: Buffer): Promise<Anthropic.Message> {
  return readMessages(new Anthropic({ baseURL: noEndpoint, apiKey: 'any', fetch: answering(bytes) }), 'any', true);
}

async function readMessages(client: Anthropic, model: string, isStream: boolean): Promise<Anthropic.Message> {
  const params = { model, max_tokens: 1_000, messages: [{ role: 'user' as const, content: 'Hello' }] };
  return isStream ? await client.messages.stream(params).finalMessage() : await client.messages.create(params);
}

export function askResponses(url: string, model: string, isStream: boolean): Promise<OpenAI.Responses.Response> {
  return readResponses(new OpenAI({ baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0 }), model, isStream);
}

export function foldResponses(bytes: Buffer): Promise<OpenAI.Responses.Response> {
  return readResponses(new OpenAI({ baseURL: noEndpoint, apiKey: 'any', fetch: answering(bytes) }), 'any', true);
}

async function readResponses(client: OpenAI, model: string, isStream: boolean): Promise<OpenAI.Responses.Response> {
  const params = { model, input: 'Hello' };
  return isStream ? await client.responses.stream(params).finalResponse() : await client.responses.create(params);
}

function answering(bytes: Buffer) {
  const headers = { 'content-type': 'text/event-stream' };
  return async () => new Response(new Uint8Array(bytes), { headers });
}

/** What an answer says, in one form for all APIs. */
export type Said = {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: unknown; readonly name: unknown; readonly input: unknown }[];
  readonly tokens: readonly [input: number, output: number];
};

export function saidByMessages({ content, usage }: Anthropic.Message): Said {
  const { input_tokens, output_tokens, cache_read_input_tokens, cache_creation_input_tokens } = usage;
  return {
    text: content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
    reasoning: content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join(''),
    calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    // Anthropic counts what its cache had beside the others.
    tokens: [input_tokens + (cache_read_input_tokens ?? 0) + (cache_creation_input_tokens ?? 0), output_tokens],
  };
}

export function saidByResponses({ output, usage }: OpenAI.Responses.Response): Said {
  return {
    text: output
      .flatMap((item) => (item.type === 'message' ? item.content : []))
      .map((part) => (part.type === 'output_text' ? part.text : part.refusal))
      .join(''),
    reasoning: output
      .flatMap((item) => (item.type === 'reasoning' ? [...item.summary, ...(item.content ?? [])] : []))
      .map(({ text }) => text)
      .join(''),
    calls: output.flatMap((item) =>
      item.type === 'function_call' ? [{ id: item.call_id, name: item.name, input: inputOf(item.arguments) }] : [],
    ),
    tokens: [usage?.input_tokens ?? 0, usage?.output_tokens ?? 0],
  };
}

/** The arguments of a call, or the text that is no JSON, as Messages has it. */
export function inputOf(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    return { invalid_json: text };
  }
}
