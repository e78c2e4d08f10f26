import type { Fate, Input } from './probe.ts';

/** The rows of the table: an option of ChatInput, as a caller sends it, and how it is found in a body. */

export type Row = {
  readonly label: string;
  /** Its name in warnings and refusals. */
  readonly option: string;
  readonly given: Input;
  /** Other options that this one needs to have an effect. */
  readonly beside?: Input;
  /** The cell shows the first of these words that the body contains, instead of its fields. */
  readonly words?: readonly string[];
};

const hello = { messages: [{ role: 'user', content: 'Hello, write JSON' }] };
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const weather = { name: 'get_weather', description: 'The weather in a city', parameters };
const time = { name: 'get_time', description: 'The time in a city', parameters };
const tools = { tools: [weather, time] };
const looking = (url: string) => ({
  messages: [{ role: 'user', parts: [{ text: 'What is it?' }, { image: { url } }] }],
});
const imageWords = ['input_image', 'image_url', 'inlineData', '"image"'];

const attached = (part: object) => ({ messages: [{ role: 'user', parts: [{ text: 'What is it?' }, part] }] });
const fileWords = ['input_file', 'document_url', 'inlineData', '"document"', '"file"'];

/** The smallest valid request. */
export const bare: Input = hello;

export const rows: readonly Row[] = [
  {
    label: '`systemMessage`',
    option: 'systemMessage',
    given: { systemMessage: 'Be brief.' },
    words: ['systemInstruction', 'instructions', '"system"'],
  },
  { label: '`temperature`', option: 'temperature', given: { temperature: 0.5 } },
  { label: '`topP`', option: 'topP', given: { topP: 0.5 } },
  { label: '`maxTokens`', option: 'maxTokens', given: { maxTokens: 2000 } },
  { label: '`stop`', option: 'stop', given: { stop: ['END'] } },
  { label: '`frequencyPenalty`', option: 'frequencyPenalty', given: { frequencyPenalty: 0.5 } },
  { label: '`presencePenalty`', option: 'presencePenalty', given: { presencePenalty: 0.5 } },
  { label: '`seed`', option: 'seed', given: { seed: 7 } },
  { label: '`topK`', option: 'topK', given: { topK: 40 } },
  { label: '`logitBias`', option: 'logitBias', given: { logitBias: { '50256': -100 } } },
  { label: '`logprobs`', option: 'logprobs', given: { logprobs: true } },
  {
    label: '`topLogprobs`',
    option: 'topLogprobs',
    beside: { logprobs: true },
    given: { logprobs: true, topLogprobs: 2 },
  },
  { label: '`verbosity`', option: 'verbosity', given: { verbosity: 'low' } },
  { label: '`serviceTier: FLEX`', option: 'serviceTier', given: { serviceTier: 'flex' } },
  { label: '`serviceTier: PRIORITY`', option: 'serviceTier', given: { serviceTier: 'priority' } },
  { label: '`metadata`', option: 'metadata', given: { metadata: { session: 'abc' } } },
  { label: '`reasoningBudget`', option: 'reasoningBudget', given: { reasoningBudget: 2048 } },
  { label: '`promptCache.key`', option: 'promptCache', given: { promptCache: { key: 'c1' } } },
  { label: '`promptCache.ttl: LONG`', option: 'promptCache', given: { promptCache: { ttl: 'long' } } },
  {
    label: '`cacheBreakpoint`',
    option: 'messages',
    given: { messages: [{ ...hello.messages[0], cacheBreakpoint: true }] },
    words: ['cache_control', 'prompt_cache_breakpoint'],
  },
  { label: '`serverTools.webSearch`', option: 'serverTools', given: { serverTools: [{ webSearch: {} }] } },
  { label: '`serverTools.codeExecution`', option: 'serverTools', given: { serverTools: [{ codeExecution: {} }] } },
  { label: '`serverTools.urlContext`', option: 'serverTools', given: { serverTools: [{ urlContext: {} }] } },
  { label: '`outputModalities: IMAGE`', option: 'outputModalities', given: { outputModalities: ['text', 'image'] } },
  { label: '`outputModalities: AUDIO`', option: 'outputModalities', given: { outputModalities: ['text', 'audio'] } },
  { label: '`user`', option: 'user', given: { user: 'u-1' } },
  { label: '`reasoningEffort: HIGH`', option: 'reasoningEffort', given: { reasoningEffort: 'high' } },
  { label: '`reasoningEffort: NONE`', option: 'reasoningEffort', given: { reasoningEffort: 'none' } },
  { label: '`responseFormat.jsonObject`', option: 'responseFormat', given: { responseFormat: { jsonObject: true } } },
  {
    label: '`responseFormat.jsonSchema`',
    option: 'responseFormat',
    given: { responseFormat: { jsonSchema: { name: 'city', schema: parameters } } },
  },
  { label: '`tools`', option: 'tools', given: tools },
  { label: '`tools[].strict`', option: 'tools', beside: tools, given: { tools: [{ ...weather, strict: true }, time] } },
  { label: '`toolChoice: AUTO`', option: 'toolChoice', beside: tools, given: { toolChoice: { mode: 'auto' } } },
  { label: '`toolChoice: NONE`', option: 'toolChoice', beside: tools, given: { toolChoice: { mode: 'none' } } },
  { label: '`toolChoice: REQUIRED`', option: 'toolChoice', beside: tools, given: { toolChoice: { mode: 'required' } } },
  { label: '`toolChoice.tool`', option: 'toolChoice', beside: tools, given: { toolChoice: { tool: 'get_time' } } },
  {
    label: '`parallelToolCalls: false`',
    option: 'parallelToolCalls',
    beside: tools,
    given: { parallelToolCalls: false },
  },
  {
    label: 'results of tool calls',
    option: 'messages',
    given: {
      messages: [
        ...hello.messages,
        { role: 'assistant', toolCalls: [{ id: 'call_1', name: 'get_time', arguments: '{}' }] },
        { role: 'tool', toolCallId: 'call_1', content: 'noon' },
      ],
    },
    words: ['tool_call_id', 'tool_use_id', 'functionResponse', 'function_call_output'],
  },
  {
    label: 'PDF, as data',
    option: 'messages',
    given: attached({ file: { url: 'data:application/pdf;base64,JVBERi0=' } }),
    words: fileWords,
  },
  {
    label: 'PDF, as https URL',
    option: 'messages',
    given: attached({ file: { url: 'https://example.com/a.pdf' } }),
    words: fileWords,
  },
  {
    label: 'sound, as data',
    option: 'messages',
    given: attached({ audio: { url: 'data:audio/wav;base64,UklGRg==' } }),
    words: ['input_audio', 'inlineData'],
  },
  {
    label: 'video, as data',
    option: 'messages',
    given: attached({ video: { url: 'data:video/mp4;base64,AAAA' } }),
    words: ['video_url', 'inlineData'],
  },
  {
    label: 'image in the result of a tool call',
    option: 'messages',
    given: {
      messages: [
        ...hello.messages,
        { role: 'assistant', toolCalls: [{ id: 'call_1', name: 'get_time', arguments: '{}' }] },
        {
          role: 'tool',
          toolCallId: 'call_1',
          parts: [{ text: 'noon' }, { image: { url: 'data:image/png;base64,AAAA' } }],
        },
      ],
    },
    words: imageWords,
  },
  {
    label: 'image, as data URL',
    option: 'messages',
    given: looking('data:image/png;base64,AAAA'),
    words: imageWords,
  },
  {
    label: 'image, as https URL',
    option: 'messages',
    given: looking('https://example.com/cat.png'),
    words: imageWords,
  },
];

/** Fields of the conversation: additions there are described in words. */
const prompts = ['messages', 'system', 'systemInstruction.parts', 'instructions'];

export function describeFate({ refusal, fields, warned, body }: Fate, { option, words }: Row): string {
  if (refusal) return 'refused';
  const text = JSON.stringify(body);
  const word = words?.find((candidate) => text.includes(candidate));
  const names = word ? [word.replaceAll('"', '')] : fields.filter((field) => !prompts.includes(field));
  const isAsked = !word && fields.some((field) => prompts.includes(field));
  const told = [
    [...names.map((name) => `\`${name}\``), ...(isAsked ? ['in the prompt'] : [])].join(', '),
    ...warned.map((name) => (name === option ? 'warning' : `warning on \`${name}\``)),
  ];
  return told.filter(Boolean).join('; ') || 'as it is';
}
