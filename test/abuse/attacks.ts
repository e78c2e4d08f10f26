import { chunkOf } from './provider.ts';

/** What one caller can send to hurt another. Each attack is one request, sent several times; the expected status is that of a refusal. */
export type Attack = {
  readonly name: string;
  readonly path: '/graphql' | '/v1/chat/completions';
  body(): string;
  /** Times that it is sent, at once. Default: 1. */
  readonly times?: number;
  /** Statuses that the gateway may give. */
  readonly statuses: readonly number[];
};

const hello = [{ role: 'USER', content: 'Hello' }];
const document =
  'query Ask($input: ChatInput!) { chat(input: $input) { __typename ... on ChatFailure { code message } } }';

function graphql(variables: object, query = document): string {
  return JSON.stringify({ query, variables });
}

function rest(fields: object): string {
  return JSON.stringify({ model: 'local/a', messages: [{ role: 'user', content: 'Hello' }], ...fields });
}

const many = (count: number) => `[${'{},'.repeat(count - 1)}{}]`;

export const attacks: readonly Attack[] = [
  {
    name: 'a schema whose name is "credits" (finding 1)',
    path: '/graphql',
    body: () =>
      graphql({
        input: {
          model: 'local/quotes',
          messages: hello,
          responseFormat: { jsonSchema: { name: 'credits', schema: { type: 'object' } } },
        },
      }),
    times: 4,
    statuses: [200],
  },
  {
    name: 'a name of 1 MB for an input field (finding 2)',
    path: '/graphql',
    body: () => graphql({ input: { model: 'local/a', messages: hello, ['represent '.repeat(100_000)]: 1 } }),
    times: 4,
    statuses: [200, 400],
  },
  {
    name: 'a search of 1 MB, twenty times (finding 3)',
    path: '/graphql',
    body: () =>
      graphql(
        { filter: { search: 'a b '.repeat(250_000) } },
        `query Find($filter: ModelFilter) { ${Array.from({ length: 20 }, (_, index) => `a${index}: models(filter: $filter) { id }`).join(' ')} }`,
      ),
    times: 4,
    statuses: [200, 400, 429],
  },
  {
    name: '400,000 unknown input fields (finding 4)',
    path: '/graphql',
    body: () => {
      const fields = Array.from({ length: 400_000 }, (_, index) => `"f${index}":1`).join(',');
      return `{"query":${JSON.stringify(document)},"variables":{"input":{"model":"local/a",${fields}}}}`;
    },
    times: 2,
    statuses: [200, 400, 429],
  },
  {
    name: '200,000 unknown input fields, below the limit of values (finding 4)',
    path: '/graphql',
    body: () => {
      const fields = Array.from({ length: 200_000 }, (_, index) => `"f${index}":1`).join(',');
      return `{"query":${JSON.stringify(document)},"variables":{"input":{"model":"local/a",${fields}}}}`;
    },
    times: 2,
    statuses: [200, 400, 429],
  },
  {
    name: '2.5 million empty parts (finding 5)',
    path: '/v1/chat/completions',
    body: () => `{"model":"local/a","messages":[{"role":"user","content":${many(2_500_000)}}]}`,
    times: 2,
    statuses: [400, 429, 503],
  },
  {
    name: '200,000 empty tools (finding 5)',
    path: '/v1/chat/completions',
    body: () => `{"model":"local/a","messages":[{"role":"user","content":"x"}],"tools":${many(200_000)}}`,
    times: 4,
    statuses: [400, 429, 503],
  },
  {
    name: 'an echo of 400 KB in an error of the provider (finding 6)',
    path: '/v1/chat/completions',
    body: () => rest({ model: 'local/echo', messages: [{ role: 'user', content: 'free tier '.repeat(40_000) }] }),
    times: 4,
    statuses: [400, 429],
  },
  {
    name: '40 bodies of 8 MB at once (finding 10)',
    path: '/v1/chat/completions',
    body: () => rest({ messages: [{ role: 'user', content: 'x'.repeat(7_900_000) }] }),
    times: 40,
    statuses: [200, 400, 429, 503],
  },
  {
    name: 'a stream of 40,000 tool calls (finding 16)',
    path: '/v1/chat/completions',
    body: () => rest({ model: 'local/calls', stream: true, tools: [{ type: 'function', function: { name: 'f' } }] }),
    statuses: [200],
  },
  {
    name: 'an error of 20 MB full of keys (finding 22)',
    path: '/v1/chat/completions',
    body: () => rest({ model: 'local/keys' }),
    times: 2,
    statuses: [400, 429],
  },
  {
    name: '9,600 tool calls of one id',
    path: '/v1/chat/completions',
    body: () => {
      const call = { id: 'x', type: 'function', function: { name: 'f', arguments: '{}' } };
      const calling = { role: 'assistant', content: null, tool_calls: Array.from({ length: 128 }, () => call) };
      const result = { role: 'tool', tool_call_id: 'x', content: 'r' };
      return rest({
        messages: [
          ...hello.map(({ content }) => ({ role: 'user', content })),
          ...Array.from({ length: 75 }, () => calling),
          result,
        ],
      });
    },
    times: 4,
    statuses: [200, 400, 429],
  },
  {
    name: '300 invalid documents of 64 KB',
    path: '/graphql',
    body: () => JSON.stringify({ query: `{ ${'chat '.repeat(12_000)} }` }),
    times: 300,
    statuses: [400, 200, 429],
  },
];

/** What the provider streams for finding 16. */
export const manyCalls = (): string =>
  Array.from({ length: 40_000 }, (_, index) =>
    chunkOf({ tool_calls: [{ index, id: `c${index}`, type: 'function', function: { name: 'f', arguments: '{}' } }] }),
  ).join('');
