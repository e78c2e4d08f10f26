import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../../support/gateway.ts';
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts';

/** A request to a Claude model reaches Anthropic as its SDK wrote it: field by field, for what Parley models. */

const answer = {
  ...{ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', stop_reason: 'end_turn', stop_sequence: null },
  ...{ content: [{ type: 'text', text: '{}' }], usage: { input_tokens: 1, output_tokens: 1 } },
};
let provider: ProviderServer;
let gateway: RunningGateway;
let client: Anthropic;
beforeAll(async () => {
  provider = await startProvider((_, response) => sendJson(response, 200, answer));
  gateway = await openGateway({ env: { ANTHROPIC_API_KEY: 'test-key', ANTHROPIC_BASE_URL: provider.url } });
  client = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const png = 'iVBORw0KGgo=';
const pdf = 'JVBERi0xLjQK';
const hello = { model: 'claude-sonnet-4-5', max_tokens: 4_000, messages: [{ role: 'user', content: 'Hello' }] };
const tools = [
  { name: 'look', description: 'Looks', input_schema: { type: 'object', properties: { at: { type: 'string' } } } },
  { name: 'find', input_schema: { type: 'object' } },
];
const user = (...content: object[]) => ({ role: 'user', content });

const requests: Readonly<Record<string, object>> = {
  'a text': {},
  'a system text': { system: 'Be brief.' },
  'stop sequences, sampling and a user': {
    stop_sequences: ['END', '###'],
    top_k: 5,
    temperature: 0.5,
    metadata: { user_id: 'u-1' },
  },
  'a service tier': { service_tier: 'standard_only' },
  'thinking by a budget': { thinking: { type: 'enabled', budget_tokens: 2_000 } },
  'tools and a choice': { tools, tool_choice: { type: 'any', disable_parallel_tool_use: true } },
  'one tool that must be called': { tools, tool_choice: { type: 'tool', name: 'look' } },
  'no call of a tool': { tools, tool_choice: { type: 'none' } },
  'images and documents': {
    messages: [
      user(
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: pdf }, title: 'a.pdf' },
      ),
    ],
  },
  'a turn with signed thinking, calls and their results': {
    tools,
    thinking: { type: 'enabled', budget_tokens: 2_000 },
    messages: [
      { role: 'user', content: 'Where?' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmVk' },
          { type: 'text', text: 'I look.' },
          { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'x' } },
          { type: 'tool_use', id: 'toolu_2', name: 'find', input: {} },
        ],
      },
      user(
        { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Here' },
        {
          type: 'tool_result',
          tool_use_id: 'toolu_2',
          is_error: true,
          content: [
            { type: 'text', text: 'Not' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
          ],
        },
        { type: 'text', text: 'And?' },
      ),
    ],
  },
  'redacted thinking': {
    messages: [
      { role: 'user', content: 'Where?' },
      {
        role: 'assistant',
        content: [
          { type: 'redacted_thinking', data: 'b3BhcXVl' },
          { type: 'text', text: 'There.' },
        ],
      },
      { role: 'user', content: 'And?' },
    ],
  },
  'cache breakpoints': {
    system: [{ type: 'text', text: 'Long', cache_control: { type: 'ephemeral' } }],
    messages: [user({ type: 'text', text: 'A', cache_control: { type: 'ephemeral' } }, { type: 'text', text: 'B' })],
  },
  'a format': {
    output_config: {
      format: { type: 'json_schema', schema: { type: 'object', properties: {}, additionalProperties: false } },
    },
  },
  'web search': {
    tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 2, allowed_domains: ['a.example'] }],
  },
  'what Parley does not model': {
    context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
    tools: [{ type: 'memory_20250818', name: 'memory' }, ...tools],
  },
};

describe('a request for Claude', () => {
  it.each(Object.entries(requests))('reaches Anthropic unchanged: %s', async (_what, more) => {
    const request = { ...hello, ...more };
    await client.messages.create({
      ...request,
      model: `anthropic/${hello.model}`,
    } as unknown as Anthropic.MessageCreateParamsNonStreaming);
    expect(inOneForm(provider.requests.at(-1)?.body)).toEqual(inOneForm(request));
  });
});

/** Two forms of one meaning: a text and its block, and tools in any order. */
function inOneForm(request: object | undefined): unknown {
  const { messages, system, tools: offered, ...others } = request as Record<string, unknown>;
  const blocks = (content: unknown) => (typeof content === 'string' ? [{ type: 'text', text: content }] : content);
  const turns = (messages as { role: string; content: unknown }[]).map(({ role, content }) => ({
    role,
    content: (blocks(content) as { type: string; content?: unknown }[]).map((block) =>
      block.type === 'tool_result' ? { ...block, content: blocks(block.content) } : block,
    ),
  }));
  const named = (offered as { name: string }[] | undefined)?.toSorted((a, b) => a.name.localeCompare(b.name));
  return {
    ...others,
    messages: turns,
    ...(system !== undefined && { system: blocks(system) }),
    ...(named && { tools: named }),
  };
}
