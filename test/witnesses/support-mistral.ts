import type { ChatCompletionRequest } from '@mistralai/mistralai/models/components';
import { type Conversation, citySchema, personSchema, photo, pixel } from './support-conversations.ts';
import { readMistral } from './support-readers.ts';
import {
  type Body,
  toCalls,
  type Witness,
  withMessages,
  without,
  withoutFalseStream,
  withoutNullContent,
} from './support-witness.ts';

type Params = Omit<ChatCompletionRequest, 'model'>;

const hello: Params['messages'] = [{ role: 'user', content: 'Hello' }];
const tools: NonNullable<Params['tools']> = [
  { type: 'function', function: { name: 'get_weather', description: 'The weather of a city', parameters: citySchema } },
  { type: 'function', function: { name: 'get_time', description: 'The time in a city', parameters: citySchema } },
];
const offer: Params = { messages: [{ role: 'user', content: 'What is the weather in Paris?' }], tools };

const natural: { readonly [conversation in Conversation]?: Params } = {
  'text with a system message': { messages: [{ role: 'system', content: 'Be brief.' }, ...hello] },
  'several turns': {
    messages: [...hello, { role: 'assistant', content: 'Hello! How can I help?' }, { role: 'user', content: 'Sing.' }],
  },
  'sampling options': { messages: hello, temperature: 0.5, frequencyPenalty: 0.25, randomSeed: 7 },
  'a share of the likely words': { messages: hello, topP: 0.9, presencePenalty: 0.5 },
  'stop sequences and a limit': { messages: hello, stop: ['END', '###'], maxTokens: 20 },
  'an image in a data URL': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', imageUrl: { url: `data:image/png;base64,${pixel}` } },
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
          { type: 'image_url', imageUrl: { url: photo } },
        ],
      },
    ],
  },
  'an image in low detail': {
    messages: [{ role: 'user', content: [{ type: 'image_url', imageUrl: { url: photo, detail: 'low' } }] }],
  },
  'tools, and the model decides': offer,
  'tools, and one has to be called': { ...offer, toolChoice: 'required' },
  'tools, and this one has to be called': {
    ...offer,
    toolChoice: { type: 'function', function: { name: 'get_time' } },
  },
  'tools, and none may be called': { ...offer, toolChoice: 'none' },
  'tools, one at a time': { ...offer, parallelToolCalls: false },
  'a tool that is held to its schema': {
    ...offer,
    tools: [
      {
        type: 'function',
        function: {
          name: 'get_weather',
          description: 'The weather of a city',
          parameters: citySchema,
          strict: true,
        },
      },
    ],
  },
  'results of two parallel calls': {
    messages: [
      { role: 'user', content: 'Weather and time in Paris?' },
      {
        role: 'assistant',
        toolCalls: [
          { id: 'callWeath', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
          { id: 'callTime1', type: 'function', function: { name: 'get_time', arguments: '{"city":"Paris"}' } },
        ],
      },
      { role: 'tool', toolCallId: 'callWeath', content: '{"celsius":21}' },
      { role: 'tool', toolCallId: 'callTime1', content: '{"time":"12:00"}' },
    ],
    tools,
  },
  'a JSON object': {
    messages: [{ role: 'user', content: 'A person as JSON, please.' }],
    responseFormat: { type: 'json_object' },
  },
  'an answer that follows a schema': {
    messages: [{ role: 'user', content: 'Invent a person.' }],
    responseFormat: {
      type: 'json_schema',
      jsonSchema: { name: 'person', schemaDefinition: personSchema, strict: true },
    },
  },
  'much reasoning': { messages: hello, reasoningEffort: 'high' },
  'no reasoning': { messages: hello, reasoningEffort: 'none' },
};

const model = () => 'mistral-small-latest';

export const mistral: Witness = {
  id: 'mistral',
  model,
  calls: toCalls(natural, (params, mode) => readMistral({ model: model(), ...params }, mode)),
  differences: [
    { why: 'The SDK says that it wants no stream.', of: 'sdk', change: withoutFalseStream },
    {
      why: 'The SDK writes out the defaults of an assistant message and of a tool call.',
      of: 'sdk',
      change: (body) => withMessages(body, withoutDefaults),
    },
    {
      why: 'An assistant message without text is `content: null` here; leaving it out says the same.',
      of: 'ours',
      change: (body) => withMessages(body, withoutNullContent),
    },
  ],
};

function withoutDefaults(message: Body): Body {
  const calls = message['tool_calls'] as Body[] | undefined;
  return {
    ...(message['prefix'] === false ? without(message, 'prefix') : message),
    // Every call has the index 0: it has a meaning in streamed answers only.
    ...(calls && { tool_calls: calls.map((call) => without(call, 'index')) }),
  };
}
