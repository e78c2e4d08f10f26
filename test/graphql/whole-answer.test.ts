import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { type StreamEvent, sseClient, streamed } from '../support/graphql-client.ts';
import { openAiStream, type ProviderServer, sendStream, startProvider } from '../support/provider-server.ts';

/** CompletionFinished has the whole answer where it is selected. */

let provider: ProviderServer;
let gateway: RunningGateway;
const call = (more: object) =>
  `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { tool_calls: [{ index: 0, ...more }] } }] })}\n\n`;

beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    const [first = '', ...rest] = openAiStream(['Hello ', 'world']).split(/(?<=\n\n)/);
    const calls = [
      call({ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a"' } }),
      call({ function: { arguments: ':1}' } }),
    ];
    const middle = body['tools'] ? calls : [];
    sendStream(response, [first, ...rest.slice(0, 2), ...middle, ...rest.slice(2)].join(''));
  });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const document = (directive: string) => `subscription ($input: ChatInput!) { chatStream(input: $input) { __typename
  ... on CompletionStarted { streamId } ... on ContentDelta { cursor }
  ... on CompletionFinished ${directive} { text reasoning toolCalls { id name arguments } finishReason } } }`;
const input = (more: object = {}) => ({ model: 'local/m', messages: [{ role: 'USER', content: 'Hello' }], ...more });
const whole = { text: 'Hello world', reasoning: null, toolCalls: [], finishReason: 'STOP' };

describe('the last event of a stream', () => {
  it.each([
    ['compiled', ''],
    ['run by graphql-js', '@include(if: true)'],
  ])('has the whole text, where the operation is %s', async (_how, directive) => {
    expect((await streamed(gateway.url, input(), document(directive))).at(-1)).toMatchObject(whole);
  });

  it('has whole tool calls', async () => {
    const tools = [{ name: 'look' }];
    expect((await streamed(gateway.url, input({ tools }), document(''))).at(-1)).toMatchObject({
      toolCalls: [{ id: 'c1', name: 'look', arguments: '{"a":1}' }],
      finishReason: 'TOOL_CALL',
    });
  });

  it('has what came before the cursor, too, where the stream was resumed', async () => {
    const events = await streamed(gateway.url, input({ onDisconnect: 'FINISH' }), document(''));
    expect(events.at(-1)).toMatchObject(whole);
    const after = events.find(({ __typename }) => __typename === 'ContentDelta')?.['cursor'];
    const query = `subscription ($id: ID!, $after: String) { resumeChatStream(streamId: $id, after: $after) {
      __typename ... on CompletionFinished { text } } }`;
    const variables = { id: events[0]?.['streamId'], after };
    const rest: StreamEvent[] = [];
    for await (const { data } of sseClient(gateway.url).iterate<Record<string, StreamEvent>>({ query, variables })) {
      rest.push(...Object.values(data ?? {}));
    }
    expect(rest.at(-1)).toEqual({ __typename: 'CompletionFinished', text: 'Hello world' });
  });
});
