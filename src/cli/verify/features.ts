import { z } from 'zod';
import { Finding } from './finding.ts';

/** What `--features` asks of a model besides a sentence, of what the gateway says that it supports. */

export const featureNames = ['PDF', 'JSON schema', 'web search', 'picture', 'logprobs'] as const;
export type FeatureName = (typeof featureNames)[number];

/** What a gateway lists of a model. */
export const supportFields = 'supports { media structuredOutput serverTools outputModalities logprobs }';
export const supportShape = z.object({
  supports: z.object({
    media: z.array(z.string()),
    structuredOutput: z.string().nullable(),
    serverTools: z.array(z.string()),
    outputModalities: z.array(z.string()),
    logprobs: z.boolean(),
  }),
});

type Supported = z.output<typeof supportShape>;

export function featuresOf({ supports }: Supported): readonly FeatureName[] {
  const isThere: Readonly<Record<FeatureName, boolean>> = {
    PDF: supports.media.includes('PDF'),
    'JSON schema': supports.structuredOutput === 'JSON_SCHEMA',
    'web search': supports.serverTools.includes('WEB_SEARCH'),
    picture: supports.outputModalities.includes('IMAGE'),
    logprobs: supports.logprobs,
  };
  return featureNames.filter((name) => isThere[name]);
}

export const featureDocument = `query Verify($input: ChatInput!) { chat(input: $input) { __typename
  ... on Completion { text finishReason object files { mediaType } citations { url } logprobs { token }
    usage { inputTokens outputTokens totalTokens webSearchCalls } cost { total } warnings { option message } }
  ... on ChatFailure { code message } } }`;

const completion = z.object({
  __typename: z.literal('Completion'),
  text: z.string(),
  finishReason: z.string(),
  object: z.unknown(),
  files: z.array(z.object({ mediaType: z.string() })),
  citations: z.array(z.object({ url: z.string() })),
  logprobs: z.array(z.object({ token: z.string() })).nullable(),
  usage: z.object({ webSearchCalls: z.number().nullable() }).nullable(),
  warnings: z.array(z.object({ option: z.string(), message: z.string() })),
});
export type FeatureAnswer = z.output<typeof completion>;

export const featureShape = z.object({
  chat: z.discriminatedUnion('__typename', [
    completion,
    z.object({ __typename: z.literal('ChatFailure'), code: z.string(), message: z.string() }),
  ]),
});

/** One page with one line of text. */
const pdf =
  'JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tpZHNbMyAwIFJdL0NvdW50IDE+PmVuZG9iagozIDAgb2JqPDwvVHlwZS9QYWdlL1BhcmVudCAyIDAgUi9NZWRpYUJveFswIDAgMjAwIDEwMF0vUmVzb3VyY2VzPDwvRm9udDw8L0YxIDQgMCBSPj4+Pi9Db250ZW50cyA1IDAgUj4+ZW5kb2JqCjQgMCBvYmo8PC9UeXBlL0ZvbnQvU3VidHlwZS9UeXBlMS9CYXNlRm9udC9IZWx2ZXRpY2E+PmVuZG9iago1IDAgb2JqPDwvTGVuZ3RoIDQxPj5zdHJlYW0KQlQvRjEgMTggVGYgMjAgNDAgVGQoSGVsbG8pVGogRVQKZW5kc3RyZWFtIGVuZG9iagp0cmFpbGVyPDwvUm9vdCAxIDAgUj4+CiUlRU9GCg==';
const schema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const say = (content: string) => ({ messages: [{ role: 'USER', content }] });

/** The request for each feature, without model and token limit, and what its answer has to have. */
const features: Readonly<
  Record<FeatureName, { readonly input: object; readonly option: string; has(answer: FeatureAnswer): boolean }>
> = {
  PDF: {
    input: {
      messages: [
        {
          role: 'USER',
          parts: [
            { text: 'Repeat the one word of this page.' },
            { file: { data: pdf, mediaType: 'application/pdf', name: 'hello.pdf' } },
          ],
        },
      ],
    },
    option: 'messages',
    has: ({ text }) => text !== '',
  },
  'JSON schema': {
    input: {
      ...say('Name a city, as JSON.'),
      responseFormat: { jsonSchema: { name: 'city', schema, strict: true } },
    },
    option: 'responseFormat',
    has: ({ object }) => typeof object === 'object' && object !== null,
  },
  'web search': {
    input: { ...say('Search the web: does it rain in Lyon today?'), serverTools: [{ webSearch: {} }] },
    option: 'serverTools',
    has: ({ citations, usage }) => citations.length > 0 || (usage?.webSearchCalls ?? 0) > 0,
  },
  picture: {
    input: { ...say('Draw a green square.'), outputModalities: ['TEXT', 'IMAGE'] },
    option: 'outputModalities',
    has: ({ files }) => files.length > 0,
  },
  logprobs: {
    input: { ...say('Say hello.'), logprobs: true },
    option: 'logprobs',
    has: ({ logprobs }) => (logprobs?.length ?? 0) > 0,
  },
};

export function featureInput(name: FeatureName): object {
  return features[name].input;
}

/** Why an answer does not show that the model has the feature. */
export function findLack(name: FeatureName, answer: FeatureAnswer): Finding | undefined {
  const { option, has } = features[name];
  const warning = answer.warnings.find((one) => one.option === option);
  if (warning) return Finding.of('FEATURE_LEFT_OUT', `${option} was left out: ${warning.message}`);
  if (has(answer)) return undefined;
  return Finding.of('FEATURE_MISSING', `The answer has nothing of it (${answer.finishReason}).`);
}
