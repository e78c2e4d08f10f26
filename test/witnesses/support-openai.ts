import type { ChatCompletionCreateParamsNonStreaming as Params } from 'openai/resources/chat/completions';
import { type Conversation, citySchema, personSchema, photo, pixel } from './support-conversations.ts';
import { readOpenAi } from './support-readers.ts';
import { toCalls, type Witness, withMessages, withoutNullContent } from './support-witness.ts';

const hello = [{ role: 'user' as const, content: 'Hello' }];
const tools: Params['tools'] = [
  {
    type: 'function',
    function: { name: 'get_weather', description: 'The weather of a city', parameters: citySchema },
  },
  { type: 'function', function: { name: 'get_time', description: 'The time in a city', parameters: citySchema } },
];
const offer = { messages: [{ role: 'user' as const, content: 'What is the weather in Paris?' }], tools };

const natural: Record<Conversation, Omit<Params, 'model'>> = {
  'text with a system message': { messages: [{ role: 'system', content: 'Be brief.' }, ...hello] },
  'several turns': {
    messages: [...hello, { role: 'assistant', content: 'Hello! How can I help?' }, { role: 'user', content: 'Sing.' }],
  },
  'sampling options': { messages: hello, temperature: 0.5, frequency_penalty: 0.25, seed: 7 },
  'a share of the likely words': { messages: hello, top_p: 0.9, presence_penalty: 0.5 },
  'stop sequences and a limit': { messages: hello, stop: ['END', '###'], max_completion_tokens: 20 },
  'an image in a data URL': {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is this?' },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${pixel}` } },
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
          { type: 'image_url', image_url: { url: photo } },
        ],
      },
    ],
  },
  'an image in low detail': {
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: photo, detail: 'low' } }] }],
  },
  'tools, and the model decides': offer,
  'tools, and one has to be called': { ...offer, tool_choice: 'required' },
  'tools, and this one has to be called': {
    ...offer,
    tool_choice: { type: 'function', function: { name: 'get_time' } },
  },
  'tools, and none may be called': { ...offer, tool_choice: 'none' },
  'tools, one at a time': { ...offer, parallel_tool_calls: false },
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
        tool_calls: [
          { id: 'callWeath', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
          { id: 'callTime1', type: 'function', function: { name: 'get_time', arguments: '{"city":"Paris"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'callWeath', content: '{"celsius":21}' },
      { role: 'tool', tool_call_id: 'callTime1', content: '{"time":"12:00"}' },
    ],
    tools,
  },
  'a JSON object': {
    messages: [{ role: 'user', content: 'A person as JSON, please.' }],
    response_format: { type: 'json_object' },
  },
  'an answer that follows a schema': {
    messages: [{ role: 'user', content: 'Invent a person.' }],
    response_format: { type: 'json_schema', json_schema: { name: 'person', schema: personSchema, strict: true } },
  },
  'one of many users': { messages: hello, user: 'user-7' },
  'little reasoning': { messages: hello, reasoning_effort: 'low' },
  'much reasoning': { messages: hello, reasoning_effort: 'high' },
  'no reasoning': { messages: hello, reasoning_effort: 'none' },
};

const model = (conversation: Conversation) => (conversation.endsWith('reasoning') ? 'gpt-5.2' : 'gpt-4.1');

export const openai: Witness = {
  id: 'openai',
  model,
  calls: toCalls(natural, (params, mode, conversation) => readOpenAi({ model: model(conversation), ...params }, mode)),
  differences: [
    {
      why: 'An assistant message without text is `content: null` here; leaving it out says the same.',
      of: 'ours',
      change: (body) => withMessages(body, withoutNullContent),
    },
  ],
};
