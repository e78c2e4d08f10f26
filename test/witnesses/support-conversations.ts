/** Conversations in Parley's form; each vendor's support file has the same in the form of its SDK. */

export const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
export const photo = 'https://example.com/cat.jpg';

export const citySchema = {
  type: 'object',
  properties: { city: { type: 'string', description: 'A city, as "Paris"' } },
  required: ['city'],
  additionalProperties: false,
};
export const personSchema = {
  type: 'object',
  properties: { name: { type: 'string' }, age: { type: 'integer' } },
  required: ['name', 'age'],
  additionalProperties: false,
};

const hello = [{ role: 'user', content: 'Hello' }];
const weather = { name: 'get_weather', description: 'The weather of a city', parameters: citySchema };
const time = { name: 'get_time', description: 'The time in a city', parameters: citySchema };
const offer = { messages: [{ role: 'user', content: 'What is the weather in Paris?' }], tools: [weather, time] };

/** Results of two calls of one turn. The ids fit Mistral's rule, too. */
const answered = [
  { role: 'user', content: 'Weather and time in Paris?' },
  {
    role: 'assistant',
    toolCalls: [
      { id: 'callWeath', name: 'get_weather', arguments: '{"city":"Paris"}' },
      { id: 'callTime1', name: 'get_time', arguments: '{"city":"Paris"}' },
    ],
  },
  { role: 'tool', toolCallId: 'callWeath', content: '{"celsius":21}' },
  { role: 'tool', toolCallId: 'callTime1', content: '{"time":"12:00"}' },
];

export const conversations = {
  'text with a system message': { systemMessage: 'Be brief.', messages: hello },
  'several turns': {
    messages: [...hello, { role: 'assistant', content: 'Hello! How can I help?' }, { role: 'user', content: 'Sing.' }],
  },
  'sampling options': { messages: hello, temperature: 0.5, frequencyPenalty: 0.25, seed: 7 },
  'a share of the likely words': { messages: hello, topP: 0.9, presencePenalty: 0.5 },
  'stop sequences and a limit': { messages: hello, stop: ['END', '###'], maxTokens: 20 },
  'an image in a data URL': {
    messages: [
      {
        role: 'user',
        parts: [{ text: 'What is this?' }, { image: { url: `data:image/png;base64,${pixel}` } }],
      },
    ],
  },
  'an image at an https URL': {
    messages: [{ role: 'user', parts: [{ text: 'What is this?' }, { image: { url: photo } }] }],
  },
  'an image in low detail': {
    messages: [{ role: 'user', parts: [{ image: { url: photo, detail: 'low' } }] }],
  },
  'tools, and the model decides': offer,
  'tools, and one has to be called': { ...offer, toolChoice: { mode: 'required' } },
  'tools, and this one has to be called': { ...offer, toolChoice: { tool: 'get_time' } },
  'tools, and none may be called': { ...offer, toolChoice: { mode: 'none' } },
  'tools, one at a time': { ...offer, parallelToolCalls: false },
  'a tool that is held to its schema': { ...offer, tools: [{ ...weather, strict: true }] },
  'results of two parallel calls': { messages: answered, tools: [weather, time] },
  'a JSON object': {
    messages: [{ role: 'user', content: 'A person as JSON, please.' }],
    responseFormat: { jsonObject: true },
  },
  'an answer that follows a schema': {
    messages: [{ role: 'user', content: 'Invent a person.' }],
    responseFormat: { jsonSchema: { name: 'person', schema: personSchema, strict: true } },
  },
  'one of many users': { messages: hello, user: 'user-7' },
  'little reasoning': { messages: hello, reasoningEffort: 'low' },
  'much reasoning': { messages: hello, reasoningEffort: 'high' },
  'no reasoning': { messages: hello, reasoningEffort: 'none' },
} as const;

export type Conversation = keyof typeof conversations;
