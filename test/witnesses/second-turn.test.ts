import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Mistral } from '@mistralai/mistralai';
import { CohereClientV2 } from 'cohere-ai';
import OpenAI from 'openai';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';
import { request } from '../support/requests.ts';
import { wireNamed } from '../support/wires.ts';
import { takeFetch } from './support-fetch.ts';
import { question, scripts, time, weather } from './support-tool-scripts.ts';
import { type Body, without } from './support-witness.ts';
import { witnesses } from './support-witnesses.ts';

/**
 * After a tool call, users of an SDK send back the message that they received, with all signatures in it. Our callers send back
 * text, calls and provider state; both have to produce the same request.
 */

const parameters = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const names = ['get_weather', 'get_time'];
const user = { role: 'user' as const, content: question };

/** The two calls that the documentation of each SDK shows. */
const echoes: Readonly<Record<string, (model: string) => Promise<unknown>>> = {
  async openai(model) {
    const { completions } = new OpenAI({ apiKey: 'test-key', maxRetries: 0 }).chat;
    const tools = names.map((name) => ({ type: 'function' as const, function: { name, parameters } }));
    const { choices } = await completions.create({ model, tools, messages: [user] });
    const message = choices[0]?.message;
    if (!message) throw new Error('No choice');
    const [first, second] = message.tool_calls ?? [];
    return completions.create({
      model,
      tools,
      messages: [
        user,
        message,
        { role: 'tool', tool_call_id: first?.id ?? '', content: weather },
        { role: 'tool', tool_call_id: second?.id ?? '', content: time },
      ],
    });
  },

  async 'openai-responses'(model) {
    const { responses } = new OpenAI({ apiKey: 'test-key', maxRetries: 0 });
    const tools = names.map((name) => ({ type: 'function' as const, name, parameters, strict: false }));
    const params = { model, tools, store: false, include: ['reasoning.encrypted_content' as const] };
    const { output } = await responses.create({ ...params, input: [user] });
    const [first, second] = output.filter((item) => item.type === 'function_call');
    return responses.create({
      ...params,
      input: [
        user,
        // The SDK's output types have kinds that are not valid as input.
        ...(output.filter(({ type }) =>
          ['reasoning', 'message', 'function_call'].includes(type),
        ) as ResponseInputItem[]),
        { type: 'function_call_output', call_id: first?.call_id ?? '', output: weather },
        { type: 'function_call_output', call_id: second?.call_id ?? '', output: time },
      ],
    });
  },

  async anthropic(model) {
    const { messages } = new Anthropic({ apiKey: 'test-key', maxRetries: 0 });
    const tools = names.map((name) => ({ name, input_schema: parameters }));
    const params = { model, tools, max_tokens: 1000 };
    const { content } = await messages.create({ ...params, messages: [user] });
    const [first, second] = content.filter((block) => block.type === 'tool_use');
    return messages.create({
      ...params,
      messages: [
        user,
        { role: 'assistant', content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: first?.id ?? '', content: weather },
            { type: 'tool_result', tool_use_id: second?.id ?? '', content: time },
          ],
        },
      ],
    });
  },

  async mistral(model) {
    const client = new Mistral({ apiKey: 'test-key', retryConfig: { strategy: 'none' } });
    const tools = names.map((name) => ({ type: 'function' as const, function: { name, parameters } }));
    const { choices } = await client.chat.complete({ model, tools, messages: [user] });
    const message = choices[0]?.message;
    const [first, second] = message?.toolCalls ?? [];
    return client.chat.complete({
      model,
      tools,
      messages: [
        user,
        { ...message, role: 'assistant' },
        { role: 'tool', toolCallId: first?.id, content: weather },
        { role: 'tool', toolCallId: second?.id, content: time },
      ],
    });
  },

  async cohere(model) {
    const client = new CohereClientV2({ token: 'test-key', maxRetries: 0 });
    const tools = names.map((name) => ({ type: 'function' as const, function: { name, parameters } }));
    const { message } = await client.chat({ model, tools, messages: [user] });
    const [first, second] = message.toolCalls ?? [];
    return client.chat({
      model,
      tools,
      messages: [
        user,
        message,
        { role: 'tool', toolCallId: first?.id ?? '', content: weather },
        { role: 'tool', toolCallId: second?.id ?? '', content: time },
      ],
    });
  },

  async google(model) {
    const { models } = new GoogleGenAI({ apiKey: 'test-key' });
    const config = {
      tools: [{ functionDeclarations: names.map((name) => ({ name, parametersJsonSchema: parameters })) }],
    };
    const asked = { role: 'user', parts: [{ text: question }] };
    const { candidates } = await models.generateContent({ model, config, contents: [asked] });
    const content = candidates?.[0]?.content ?? {};
    const [first, second] = (content.parts ?? []).flatMap(({ functionCall }) => functionCall ?? []);
    const resultOf = (call: typeof first, json: string) => ({
      functionResponse: { id: call?.id ?? '', name: call?.name ?? '', response: JSON.parse(json) },
    });
    const answered = { role: 'user', parts: [resultOf(first, weather), resultOf(second, time)] };
    return models.generateContent({ model, config, contents: [asked, content, answered] });
  },
};

/** Accepted differences, each with its reason. */
const differences: Readonly<Record<string, (message: Body) => Body>> = {
  // Beside calls, text may be "" as in the answer, or null, or missing.
  openai: withoutEmptyContent,
  mistral: withoutEmptyContent,
  // An id refers to stored state, and nothing is stored; "completed" adds nothing to an answer.
  'openai-responses': withoutTraces,
  // A reasoning summary is for people: the model needs the signature.
  google: (content) => ({ ...content, parts: (content['parts'] as Body[]).filter(({ thought }) => !thought) }),
};

function withoutEmptyContent(message: Body): Body {
  return message['content'] === '' ? without(message, 'content') : message;
}

/** Fields that only an output has; a plain text stands for one text part. */
function withoutTraces(item: Body): Body {
  const { id: _, status: __, ...rest } = item;
  if (rest['type'] !== 'message') return rest;
  const { type: ___, ...message } = rest;
  const [part] = message['content'] as { text: string }[];
  return { ...message, content: part?.text };
}

let server: ProviderServer;
let giveBackFetch: () => void;
let vendor: string;
beforeAll(async () => {
  server = await startProvider(({ body }, response) => {
    const script = scripts[vendor];
    sendJson(response, 200, JSON.stringify(body).includes('celsius') ? script?.text.whole : script?.calls.whole);
  });
  giveBackFetch = takeFetch(server.url);
});
afterAll(async () => {
  giveBackFetch();
  await server.close();
});

describe.each(witnesses)('the SDK of $id', (witness) => {
  const { id } = witness;
  const script = scripts[id];
  if (!script) throw new Error(`Nothing is known of ${id}`);
  const codec = wireNamed(id).codecOf(script.model);

  const settle = (side: 'sdk' | 'ours', body: unknown): unknown => {
    let settled: Body = JSON.parse(JSON.stringify(body));
    for (const { of, change } of witness.differences) if (of === side) settled = change(settled);
    const messages = settled[script.field] as Body[];
    return side === 'sdk' ? messages.map(differences[id] ?? ((message) => message)) : messages;
  };

  it("sends back the model's turn with its signatures, like our codec", async () => {
    vendor = id;
    await echoes[id]?.(script.model);
    const { text, toolCalls, providerState } = codec.decode(script.calls.whole);
    const ours = request({
      messages: [
        user,
        { role: 'assistant', content: text, toolCalls, providerState },
        { role: 'tool', toolCallId: toolCalls[0]?.id, content: weather },
        { role: 'tool', toolCallId: toolCalls[1]?.id, content: time },
      ],
      tools: names.map((name) => ({ name, parameters })),
    });
    const encoded = codec.encode(ours, 'whole');
    expect(settle('ours', encoded.body)).toEqual(settle('sdk', server.requests.at(-1)?.body));
  });
});
