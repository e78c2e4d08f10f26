import { wholeChat, wholeStream } from '../support/graphql-client.ts';
import { mutated } from './json.ts';
import type { Dice } from './random.ts';

/** Well-formed HTTP requests with slightly invalid content. */

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

const graphQLInput = {
  model: 'openai/good',
  fallbacks: ['anthropic/good', 'google/good'],
  systemMessage: 'Be brief.',
  messages: [
    { role: 'USER', parts: [{ text: 'Hello' }, { image: { url: 'data:image/png;base64,iVBORw0KGgo=' } }] },
    { role: 'ASSISTANT', content: '', toolCalls: [{ id: 'call_1', name: 'look', arguments: '{"city":"Paris"}' }] },
    { role: 'TOOL', content: 'Sun', toolCallId: 'call_1' },
  ],
  temperature: 0.5,
  maxTokens: 100,
  stop: ['END'],
  seed: 7,
  tools: [{ name: 'look', description: 'Looks.', parameters: schema }],
  toolChoice: { mode: 'AUTO' },
  responseFormat: { jsonSchema: { name: 'answer', schema } },
  reasoningEffort: 'LOW',
  user: 'somebody',
};

const restRequest = {
  model: 'openai/good',
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: [{ type: 'text', text: 'Hello' }] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{"city":"Paris"}' } }],
    },
    { role: 'tool', content: 'Sun', tool_call_id: 'call_1' },
  ],
  stream: true,
  stream_options: { include_usage: true },
  temperature: 0.5,
  max_completion_tokens: 100,
  stop: ['END'],
  tools: [{ type: 'function', function: { name: 'look', parameters: schema } }],
  tool_choice: 'auto',
  response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
  reasoning_effort: 'low',
  fallbacks: ['cohere/good'],
};

const documents = [
  wholeChat,
  '{ models(filter: { search: "gpt" }) { id facts: pricing { input output } supports { tools } } }',
  '{ model(id: "openai/gpt-4o") { id name } providers { id status keys { name rests { code } } } }',
  'query ($input: ChatInput!) { a: chat(input: $input) { __typename } b: chat(input: $input) { __typename } }',
] as const;

export function graphQLRequest(dice: Dice, key: string): Buffer {
  const { chance, pick } = dice;
  const isStream = chance() < 0.4;
  const query = isStream ? wholeStream : pick(...documents);
  const body = { query, variables: { input: chance() < 0.8 ? mutated(graphQLInput, dice) : graphQLInput } };
  const sent = chance() < 0.2 ? mutated(body, dice) : body;
  return toRequest('/graphql', sent, key, isStream ? 'text/event-stream' : 'application/json');
}

export function restRequestOf(dice: Dice, key: string): Buffer {
  const { chance } = dice;
  const stream = chance() < 0.5;
  const body = { ...restRequest, stream };
  return toRequest('/v1/chat/completions', chance() < 0.9 ? mutated(body, dice) : body, key, '*/*');
}

export function toRequest(path: string, body: unknown, key: string, accept: string): Buffer {
  const content = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    'Content-Type: application/json',
    `Accept: ${accept}`,
    `X-Api-Key: ${key}`,
    `Content-Length: ${Buffer.byteLength(content)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${content}`);
}
