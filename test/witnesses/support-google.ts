import { type Content, FunctionCallingConfigMode, type GenerateContentParameters, ThinkingLevel } from '@google/genai';
import { type Conversation, citySchema, personSchema, pixel } from './support-conversations.ts';
import { readGoogle } from './support-readers.ts';
import { type Body, toCalls, type Witness, without } from './support-witness.ts';

type Params = Omit<GenerateContentParameters, 'model'>;

const tools = [
  {
    functionDeclarations: [
      { name: 'get_weather', description: 'The weather of a city', parametersJsonSchema: citySchema },
      { name: 'get_time', description: 'The time in a city', parametersJsonSchema: citySchema },
    ],
  },
];
const choose = (mode: FunctionCallingConfigMode, allowedFunctionNames?: string[]): Params => ({
  contents: 'What is the weather in Paris?',
  config: {
    tools,
    toolConfig: { functionCallingConfig: { mode, ...(allowedFunctionNames && { allowedFunctionNames }) } },
  },
});
const turns: Content[] = [
  { role: 'user', parts: [{ text: 'Weather and time in Paris?' }] },
  {
    role: 'model',
    parts: [
      { functionCall: { id: 'callWeath', name: 'get_weather', args: { city: 'Paris' } } },
      { functionCall: { id: 'callTime1', name: 'get_time', args: { city: 'Paris' } } },
    ],
  },
  {
    role: 'user',
    parts: [
      { functionResponse: { id: 'callWeath', name: 'get_weather', response: { celsius: 21 } } },
      { functionResponse: { id: 'callTime1', name: 'get_time', response: { time: '12:00' } } },
    ],
  },
];

const natural: { readonly [conversation in Conversation]?: Params } = {
  'text with a system message': { contents: 'Hello', config: { systemInstruction: 'Be brief.' } },
  'several turns': {
    contents: [
      { role: 'user', parts: [{ text: 'Hello' }] },
      { role: 'model', parts: [{ text: 'Hello! How can I help?' }] },
      { role: 'user', parts: [{ text: 'Sing.' }] },
    ],
  },
  'sampling options': { contents: 'Hello', config: { temperature: 0.5, seed: 7 } },
  'a share of the likely words': { contents: 'Hello', config: { topP: 0.9 } },
  'stop sequences and a limit': { contents: 'Hello', config: { stopSequences: ['END', '###'], maxOutputTokens: 20 } },
  'an image in a data URL': {
    contents: [
      { role: 'user', parts: [{ text: 'What is this?' }, { inlineData: { mimeType: 'image/png', data: pixel } }] },
    ],
  },
  'tools, and the model decides': { contents: 'What is the weather in Paris?', config: { tools } },
  'tools, and one has to be called': choose(FunctionCallingConfigMode.ANY),
  'tools, and this one has to be called': choose(FunctionCallingConfigMode.ANY, ['get_time']),
  'tools, and none may be called': choose(FunctionCallingConfigMode.NONE),
  'a tool that is held to its schema': {
    contents: 'What is the weather in Paris?',
    config: {
      tools: [
        {
          functionDeclarations: [
            { name: 'get_weather', description: 'The weather of a city', parametersJsonSchema: citySchema },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.VALIDATED } },
    },
  },
  'results of two parallel calls': { contents: turns, config: { tools } },
  'a JSON object': { contents: 'A person as JSON, please.', config: { responseMimeType: 'application/json' } },
  'an answer that follows a schema': {
    contents: 'Invent a person.',
    config: { responseMimeType: 'application/json', responseJsonSchema: personSchema },
  },
  // A budget up to Gemini 2.5, where low is 10 % of the model's output limit; a level since then.
  'little reasoning': {
    contents: 'Hello',
    config: { thinkingConfig: { thinkingBudget: 6554, includeThoughts: true } },
  },
  'much reasoning': {
    contents: 'Hello',
    config: { thinkingConfig: { thinkingLevel: ThinkingLevel.HIGH, includeThoughts: true } },
  },
  'no reasoning': { contents: 'Hello', config: { thinkingConfig: { thinkingBudget: 0 } } },
};

const model = (conversation: Conversation) =>
  conversation === 'much reasoning' ? 'gemini-3-flash-preview' : 'gemini-2.5-flash';

export const google: Witness = {
  id: 'google',
  model,
  calls: toCalls(natural, (params, mode, conversation) => readGoogle({ model: model(conversation), ...params }, mode)),
  differences: [
    {
      why: 'The SDK sends an empty generationConfig where nothing is configured.',
      of: 'sdk',
      change: (body) => (JSON.stringify(body['generationConfig']) === '{}' ? without(body, 'generationConfig') : body),
    },
    {
      why: 'The SDK gives the instruction the role of a user; the wire reads its parts alone.',
      of: 'sdk',
      change: (body) => {
        const instruction = body['systemInstruction'] as Body | undefined;
        return { ...body, ...(instruction && { systemInstruction: without(instruction, 'role') }) };
      },
    },
  ],
};
