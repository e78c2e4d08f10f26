import fc from 'fast-check';
import { chatLimits } from '../../src/core/message.ts';

/** Any valid request, as a face receives it. */

const number = (min: number, max: number) =>
  fc.oneof(fc.double({ min, max, noNaN: true }), fc.constantFrom(min, max, 0, 0.5, 1)).map((value) => value + 0);
const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const schema = fc.constantFrom(
  { type: 'object', properties: { city: { type: 'string', minLength: 1 } }, required: ['city'] },
  { type: 'object', properties: {} },
  { type: 'object', properties: { n: { oneOf: [{ type: 'integer', maximum: 9 }, { type: 'string' }] } } },
  {},
);
const toolNames = ['get_weather', 'get_time', 'a', 'Z-9'] as const;
const tools = fc
  .uniqueArray(fc.constantFrom(...toolNames), { maxLength: 4 })
  .chain((names) => fc.tuple(...names.map((name) => tool(name))));
const tool = (name: string) =>
  fc.record({
    name: fc.constant(name),
    description: maybe(text),
    parameters: maybe(schema),
    strict: maybe(fc.boolean()),
  });

const imageUrl = fc.constantFrom(
  'https://example.com/cat.png',
  'data:image/png;base64,iVBORw0KGgo=',
  'data:image/webp;base64,AAAA',
);
const image = fc.record({ url: imageUrl, detail: maybe(fc.constantFrom('auto', 'low', 'high', 'original')) });
const media = fc.constantFrom(
  { file: { url: 'data:application/pdf;base64,JVBERi0=' } },
  { file: { url: 'https://example.com/report.pdf' } },
  { file: { data: 'TWVtbw==', mediaType: 'application/json' } },
  { audio: { data: 'UklGRg==', mediaType: 'audio/wav' } },
  { video: { url: 'data:video/mp4;base64,AAAAIGZ0' } },
);
const part = fc.oneof(
  { weight: 4, arbitrary: fc.record({ text: fc.string({ maxLength: 12 }), cacheBreakpoint: maybe(fc.boolean()) }) },
  { weight: 3, arbitrary: fc.record({ image }) },
  { weight: 1, arbitrary: media },
);
const toolCall = (id: string) =>
  fc.record({
    id: fc.constant(id),
    name: fc.constantFrom(...toolNames),
    arguments: fc.constantFrom('{}', '{"city":"Paris"}', '', 'not JSON', '[1]'),
  });

const user = fc.oneof(
  fc.record({ role: fc.constant('user'), content: text }),
  fc.record({ role: fc.constant('user'), parts: fc.array(part, { minLength: 1, maxLength: 3 }) }),
);
const system = fc.record({ role: fc.constant('system'), content: fc.string({ maxLength: 12 }) });
const assistant = fc.record({ role: fc.constant('assistant'), content: fc.string({ maxLength: 12 }) });
/** Calls, and their results in any order. */
const toolUse = fc
  .uniqueArray(fc.stringMatching(/^call_[a-z0-9]{1,20}$/), { minLength: 1, maxLength: 3 })
  .chain((ids) =>
    fc
      .tuple(
        fc.record({
          role: fc.constant('assistant'),
          content: fc.option(text),
          toolCalls: fc.tuple(...ids.map(toolCall)),
          providerState: maybe(fc.constantFrom('nonsense', 'e30')),
        }),
        fc.shuffledSubarray(ids, { minLength: ids.length }),
        text,
      )
      .map(([call, answered, content]) => [
        call,
        ...answered.map((toolCallId) => ({ role: 'tool', toolCallId, content })),
      ]),
  );
const messages = fc
  .array(
    fc.oneof(
      user.map((message) => [message]),
      system.map((message) => [message]),
      assistant.map((message) => [message]),
      toolUse,
    ),
    { maxLength: 5 },
  )
  .chain((some) => user.map((last) => [...some.flat(), last]))
  .chain((all) =>
    fc.constantFrom(
      all,
      all.toReversed().slice(0, 1),
      all.filter((message) => message.role !== 'tool' && !('toolCalls' in message)),
    ),
  );

const responseFormat = fc.oneof(
  fc.constantFrom({ text: true }, { jsonObject: true }),
  fc.record({
    jsonSchema: fc.record({
      name: fc.constant('thing'),
      description: maybe(text),
      schema,
      strict: maybe(fc.boolean()),
      validate: fc.boolean(),
    }),
  }),
);

const independent = fc.record(
  {
    systemMessage: text,
    temperature: number(0, 2),
    topP: number(0, 1),
    maxTokens: fc.integer({ min: 1, max: 10_000 }),
    stop: fc.array(text, { maxLength: chatLimits.stop }),
    frequencyPenalty: number(-2, 2),
    presencePenalty: number(-2, 2),
    seed: fc.maxSafeInteger(),
    responseFormat,
    reasoningEffort: fc.constantFrom('auto', 'none', 'minimal', 'low', 'medium', 'high', 'xhigh'),
    parallelToolCalls: fc.boolean(),
    user: fc.string({ minLength: 1, maxLength: 20 }),
    topK: fc.integer({ min: 1, max: 3_000 }),
    verbosity: fc.constantFrom('low', 'medium', 'high'),
    serviceTier: fc.constantFrom('auto', 'default', 'flex', 'priority'),
    logitBias: fc.constantFrom({ '50256': -100 }, {}),
    metadata: fc.constantFrom({ session: 'abc' }, {}),
    promptCache: fc.constantFrom({ key: 'conversation-1' }, { ttl: 'long' }, { key: 'conversation-1', ttl: 'long' }),
    outputModalities: fc.constantFrom(['text'], ['text', 'image'], ['text', 'audio']),
    serverTools: fc.constantFrom(
      [{ webSearch: {} }],
      [{ webSearch: { maxUses: 3, allowedDomains: ['example.com'] } }],
      [{ codeExecution: {} }, { urlContext: {} }],
    ),
  },
  { requiredKeys: [] },
);

export type ChatInput = Readonly<Record<string, unknown>>;

export const chatInputs: fc.Arbitrary<ChatInput> = fc
  .tuple(independent, messages, maybe(tools))
  .chain(([options, conversation, offered]) =>
    maybe(choiceAmong(offered?.map(({ name }) => name) ?? [])).map((toolChoice) => ({
      ...options,
      messages: conversation,
      ...(offered && { tools: offered }),
      ...(toolChoice && { toolChoice }),
    })),
  );

function choiceAmong(names: readonly string[]): fc.Arbitrary<object> {
  const none = { mode: 'none' };
  if (names.length === 0) return fc.constant(none);
  return fc.constantFrom(none, { mode: 'auto' }, { mode: 'required' }, ...names.map((name) => ({ tool: name })));
}
