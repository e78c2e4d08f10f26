import type { Message } from '@ag-ui/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ParleyAgent } from '../../packages/ag-ui/src/agent.ts';
import { createParley } from '../../packages/client/src/client.ts';
import { localProvider, openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';

/** parley-ag-ui with AG-UI's own client, which verifies the order of events. */

const tools = [
  {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
];

let sandbox: RunningGateway;
let local: RunningGateway;
let provider: ProviderServer;
beforeAll(async () => {
  provider = await startProvider((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const piece = `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] })}\n\n`;
    const talk = setInterval(() => response.write(piece), 10);
    response.once('close', () => clearInterval(talk));
  });
  sandbox = await openGateway({ yaml: quickSandbox });
  local = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await sandbox?.[Symbol.asyncDispose]();
  await local?.[Symbol.asyncDispose]();
  await provider?.close();
});

const agentOf = (gateway: RunningGateway, model: string, more: object = {}) =>
  new ParleyAgent({ parley: createParley({ url: `${gateway.url}/graphql` }), model, ...more });
const user = (content: string): Message => ({ id: `u${content}`, role: 'user', content });

describe.each(['openai/gpt-5-mini', 'anthropic/claude-sonnet-4-5', 'google/gemini-2.5-flash'])(
  'an agent on %s',
  (model) => {
    it('answers, with usage', async () => {
      const agent = agentOf(sandbox, model);
      agent.addMessage(user('Hello'));
      const usages: unknown[] = [];
      const { newMessages, result } = await agent.runAgent(
        {},
        { onRunFinishedEvent: ({ event }) => void usages.push(event) },
      );
      expect(newMessages.at(-1)).toMatchObject({ role: 'assistant', content: expect.stringContaining('“Hello”') });
      expect(result).toMatchObject({ finishReason: 'STOP' });
      expect(usages).toMatchObject([
        { usage: [{ inputTokens: expect.any(Number), outputTokens: expect.any(Number) }] },
      ]);
    });

    it('calls tools of the frontend, and goes on with their results', async () => {
      const agent = agentOf(sandbox, model);
      agent.addMessage(user('What is the weather in Paris?'));
      const { newMessages } = await agent.runAgent({ tools });
      const calls = newMessages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []));
      expect(calls).toMatchObject([{ function: { name: 'get_weather', arguments: expect.stringContaining('Paris') } }]);
      agent.addMessage({ id: 't1', role: 'tool', toolCallId: calls[0]?.id ?? '', content: '21 degrees' });
      const { newMessages: answer } = await agent.runAgent({ tools });
      expect(answer.at(-1)).toMatchObject({ role: 'assistant', content: expect.stringContaining('21 degrees') });
    });
  },
);

it('keeps the state of the provider in the message', async () => {
  const agent = agentOf(sandbox, 'openai/gpt-5-mini', { reasoningEffort: 'HIGH' });
  agent.addMessage(user('Hello'));
  const { newMessages } = await agent.runAgent();
  const answer = newMessages.find((message) => message.role === 'assistant');
  expect(answer?.encryptedValue).toEqual(expect.any(String));
  agent.addMessage(user('And now?'));
  await expect(agent.runAgent()).resolves.toBeDefined();
});

it('stops the model, when it is told to and when nobody reads', async () => {
  for (const leave of ['abortRun', 'detach'] as const) {
    const agent = agentOf(local, 'local/x').clone();
    agent.addMessage(user('Hello'));
    const before = provider.requests.length;
    const run = agent.runAgent(
      {},
      { onTextMessageContentEvent: () => void (leave === 'abortRun' ? agent.abortRun() : agent.detachActiveRun()) },
    );
    await provider.received(before + 1);
    await provider.requests.at(-1)?.closed;
    await run;
    if (leave === 'abortRun') expect(agent.messages.at(-1)?.content).toMatch(/^(word )+$/);
  }
});

it('ends with the code of a failure', async () => {
  const agent = agentOf(sandbox, 'nobody/knows');
  agent.addMessage(user('Hello'));
  const errors: unknown[] = [];
  await agent.runAgent({}, { onRunErrorEvent: ({ event }) => void errors.push(event.code) }).catch(() => {});
  expect(errors).toEqual(['UNKNOWN_PROVIDER']);
});
