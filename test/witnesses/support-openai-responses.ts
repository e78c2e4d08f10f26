import type { FunctionTool, ResponseCreateParamsNonStreaming as Params } from 'openai/resources/responses/responses';
import { type Conversation, citySchema, personSchema, photo, pixel } from './support-conversations.ts';
import { readOpenAiResponses } from './support-readers.ts';
import { type Body, toCalls, type Witness } from './support-witness.ts';

const weather: FunctionTool = {
  type: 'function',
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: citySchema,
  strict: false,
};
const time: FunctionTool = { ...weather, name: 'get_time', description: 'The time in a city' };
const offer = { input: [{ role: 'user' as const, content: 'What is the weather in Paris?' }], tools: [weather, time] };

/** Without sampling options: current models take none, and the wire has no field for most. */
const natural: { readonly [conversation in Conversation]?: Omit<Params, 'model'> } = {
  'text with a system message': { instructions: 'Be brief.', input: 'Hello' },
  'several turns': {
    input: [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hello! How can I help?' },
      { role: 'user', content: 'Sing.' },
    ],
  },
  // The limit alone: this wire has no stop sequences.
  'stop sequences and a limit': { input: 'Hello', max_output_tokens: 20 },
  'an image in a data URL': {
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is this?' },
          { type: 'input_image', image_url: `data:image/png;base64,${pixel}`, detail: 'auto' },
        ],
      },
    ],
  },
  'an image at an https URL': {
    input: [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is this?' },
          { type: 'input_image', image_url: photo, detail: 'auto' },
        ],
      },
    ],
  },
  'an image in low detail': {
    input: [{ role: 'user', content: [{ type: 'input_image', image_url: photo, detail: 'low' }] }],
  },
  'tools, and the model decides': offer,
  'tools, and one has to be called': { ...offer, tool_choice: 'required' },
  'tools, and this one has to be called': { ...offer, tool_choice: { type: 'function', name: 'get_time' } },
  'tools, and none may be called': { ...offer, tool_choice: 'none' },
  'tools, one at a time': { ...offer, parallel_tool_calls: false },
  'a tool that is held to its schema': { ...offer, tools: [{ ...weather, strict: true }] },
  'results of two parallel calls': {
    input: [
      { role: 'user', content: 'Weather and time in Paris?' },
      { type: 'function_call', call_id: 'callWeath', name: 'get_weather', arguments: '{"city":"Paris"}' },
      { type: 'function_call', call_id: 'callTime1', name: 'get_time', arguments: '{"city":"Paris"}' },
      { type: 'function_call_output', call_id: 'callWeath', output: '{"celsius":21}' },
      { type: 'function_call_output', call_id: 'callTime1', output: '{"time":"12:00"}' },
    ],
    tools: [weather, time],
  },
  'a JSON object': { input: 'A person as JSON, please.', text: { format: { type: 'json_object' } } },
  'an answer that follows a schema': {
    input: 'Invent a person.',
    text: { format: { type: 'json_schema', name: 'person', schema: personSchema, strict: true } },
  },
  'one of many users': { input: 'Hello', safety_identifier: 'user-7' },
  'little reasoning': { input: 'Hello', reasoning: { effort: 'low', summary: 'auto' } },
  'much reasoning': { input: 'Hello', reasoning: { effort: 'high', summary: 'auto' } },
  'no reasoning': { input: 'Hello', reasoning: { effort: 'none' }, include: [] },
};

const model = () => 'gpt-5.6-sol';

/** What the guide to stateless use writes into each call. */
const stateless = { store: false, include: ['reasoning.encrypted_content' as const] };

export const openaiResponses: Witness = {
  id: 'openai-responses',
  model,
  calls: toCalls(natural, (params, mode) => readOpenAiResponses({ model: model(), ...stateless, ...params }, mode)),
  differences: [
    {
      why: 'A text alone is short for one message of the user.',
      of: 'sdk',
      change: ({ input, ...body }) => ({
        ...body,
        input: typeof input === 'string' ? [{ role: 'user', content: input }] : input,
      }),
    },
    {
      why: 'A list of nothing to include is the same as none; without reasoning there is nothing to be encrypted.',
      of: 'sdk',
      change: ({ include, ...body }) => (isEmpty(include) ? body : { ...body, include }),
    },
    {
      why: 'Padding of streams is left out, which saves half of their bytes.',
      of: 'ours',
      change: ({ stream_options, ...body }) => {
        if (JSON.stringify(stream_options ?? padding) !== JSON.stringify(padding)) throw new Error('Unexplained');
        return body;
      },
    },
  ],
};

const padding: Body = { include_obfuscation: false };

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
