import type { Cohere } from 'cohere-ai';
import { type Conversation, citySchema, personSchema, photo, pixel } from './support-conversations.ts';
import { readCohere } from './support-readers.ts';
import { toCalls, type Witness, withoutFalseStream } from './support-witness.ts';

type Params = Omit<Cohere.V2ChatRequest, 'model'>;

const hello: Params['messages'] = [{ role: 'user', content: 'Hello' }];
const weather: Cohere.ToolV2 = {
  type: 'function',
  function: { name: 'get_weather', description: 'The weather of a city', parameters: citySchema },
};
const time: Cohere.ToolV2 = {
  type: 'function',
  function: { name: 'get_time', description: 'The time in a city', parameters: citySchema },
};
const question: Params['messages'] = [{ role: 'user', content: 'What is the weather in Paris?' }];

const natural: { readonly [conversation in Conversation]?: Params } = {
  'text with a system message': { messages: [{ role: 'system', content: 'Be brief.' }, ...hello] },
  'several turns': {
    messages: [...hello, { role: 'assistant', content: 'Hello! How can I help?' }, { role: 'user', content: 'Sing.' }],
  },
  'sampling options': { messages: hello, temperature: 0.5, frequencyPenalty: 0.25, seed: 7 },
  'a share of the likely words': { messages: hello, p: 0.9, presencePenalty: 0.5 },
  'stop sequences and a limit': { messages: hello, stopSequences: ['END', '###'], maxTokens: 20 },
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
  'tools, and the model decides': { messages: question, tools: [weather, time] },
  'tools, and one has to be called': { messages: question, tools: [weather, time], toolChoice: 'REQUIRED' },
  // The wire has no choice of one tool: callers offer that tool alone.
  'tools, and this one has to be called': { messages: question, tools: [time], toolChoice: 'REQUIRED' },
  'tools, and none may be called': { messages: question, tools: [weather, time], toolChoice: 'NONE' },
  'a tool that is held to its schema': { messages: question, tools: [weather], strictTools: true },
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
    tools: [weather, time],
  },
  'a JSON object': {
    messages: [{ role: 'user', content: 'A person as JSON, please.' }],
    responseFormat: { type: 'json_object' },
  },
  // The schema has no name on this wire.
  'an answer that follows a schema': {
    messages: [{ role: 'user', content: 'Invent a person.' }],
    responseFormat: { type: 'json_object', jsonSchema: personSchema },
  },
  // No effort words, but a budget: 10 % and 60 % of what its models can reason.
  'little reasoning': { messages: hello, thinking: { type: 'enabled', tokenBudget: 3277 } },
  'much reasoning': { messages: hello, thinking: { type: 'enabled', tokenBudget: 19_661 } },
  'no reasoning': { messages: hello, thinking: { type: 'disabled' } },
};

const model = () => 'command-a-plus-05-2026';

export const cohere: Witness = {
  id: 'cohere',
  model,
  calls: toCalls(natural, (params, mode) => readCohere({ model: model(), ...params }, mode)),
  differences: [{ why: 'The SDK says that it wants no stream.', of: 'sdk', change: withoutFalseStream }],
};
