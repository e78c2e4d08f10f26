import type Anthropic from '@anthropic-ai/sdk';
import { type Conversation, citySchema, personSchema, photo, pixel } from './support-conversations.ts';
import { readAnthropic } from './support-readers.ts';
import { type Body, toCalls, type Witness, withMessages } from './support-witness.ts';

type Params = Omit<Anthropic.MessageCreateParamsNonStreaming, 'model' | 'max_tokens'>;

const hello: Params['messages'] = [{ role: 'user', content: 'Hello' }];
const tools: NonNullable<Params['tools']> = [
  { name: 'get_weather', description: 'The weather of a city', input_schema: citySchema as Anthropic.Tool.InputSchema },
  { name: 'get_time', description: 'The time in a city', input_schema: citySchema as Anthropic.Tool.InputSchema },
];
const offer: Params = { messages: [{ role: 'user', content: 'What is the weather in Paris?' }], tools };

/** Options of the wire's version 2023-06-01 that the types of this SDK no longer have. */
const older = (options: object): object => options;

const natural: { readonly [conversation in Conversation]?: Params & { max_tokens?: number } } = {
  'text with a system message': { system: 'Be brief.', messages: hello },
  'several turns': {
    messages: [...hello, { role: 'assistant', content: 'Hello! How can I help?' }, { role: 'user', content: 'Sing.' }],
  },
  'sampling options': { messages: hello, ...older({ temperature: 0.5 }) },
  'a share of the likely words': { messages: hello, ...older({ top_p: 0.9 }) },
  'stop sequences and a limit': { messages: hello, stop_sequences: ['END', '###'], max_tokens: 20 },
  'an image in a data URL': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixel } },
        ],
      },
    ],
  },
  'an image at an https URL': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image', source: { type: 'url', url: photo } },
        ],
      },
    ],
  },
  'tools, and the model decides': offer,
  'tools, and one has to be called': { ...offer, tool_choice: { type: 'any' } },
  'tools, and this one has to be called': { ...offer, tool_choice: { type: 'tool', name: 'get_time' } },
  'tools, and none may be called': { ...offer, tool_choice: { type: 'none' } },
  'tools, one at a time': { ...offer, tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
  'a tool that is held to its schema': {
    ...offer,
    tools: [
      {
        name: 'get_weather',
        description: 'The weather of a city',
        input_schema: citySchema as Anthropic.Tool.InputSchema,
        strict: true,
      },
    ],
  },
  'results of two parallel calls': {
    messages: [
      { role: 'user', content: 'Weather and time in Paris?' },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'callWeath', name: 'get_weather', input: { city: 'Paris' } },
          { type: 'tool_use', id: 'callTime1', name: 'get_time', input: { city: 'Paris' } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'callWeath', content: '{"celsius":21}' },
          { type: 'tool_result', tool_use_id: 'callTime1', content: '{"time":"12:00"}' },
        ],
      },
    ],
    tools,
  },
  'an answer that follows a schema': {
    messages: [{ role: 'user', content: 'Invent a person.' }],
    output_config: { format: { type: 'json_schema', schema: personSchema } },
  },
  'one of many users': { messages: hello, metadata: { user_id: 'user-7' } },
  'little reasoning': {
    messages: hello,
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'low' },
  },
  'much reasoning': {
    messages: hello,
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'high' },
  },
  'no reasoning': { messages: hello, thinking: { type: 'disabled' } },
};

const model = () => 'claude-opus-4-6';

export const anthropic: Witness = {
  id: 'anthropic',
  model,
  calls: toCalls(natural, (params, mode) =>
    // The SDK demands a limit; where our caller sets none, it is the model's maximum.
    readAnthropic({ model: model(), max_tokens: 128_000, ...params }, mode),
  ),
  differences: [
    {
      why: 'A message that is a string is short for one text block.',
      of: 'sdk',
      change: (body) => withMessages(body, toBlocks),
    },
  ],
  headers: {
    'anthropic-version': 'The version of this SDK has no sampling options any more; ours keeps them for older models.',
    'x-api-key':
      'With its new version the SDK sends a key as a bearer token; with ours the key has a header of its own.',
  },
};

function toBlocks(message: Body): Body {
  const { content } = message;
  return typeof content === 'string' ? { ...message, content: [{ type: 'text', text: content }] } : message;
}
