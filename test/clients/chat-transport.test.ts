import { Chat } from '@ai-sdk/react';
import { lastAssistantMessageIsCompleteWithToolCalls, type UIMessage } from 'ai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createParleyTransport } from '../../packages/ai-sdk/src/transport.ts';
import { createParley } from '../../packages/client/src/client.ts';
import { openToolScriptsGateway, type ToolScriptsGateway } from '../support/tool-scripts-gateway.ts';
import { models, question, withSandbox } from './sandbox.ts';

/** What is built on the AI SDK's useChat, with Parley's transport: the class behind the hook. */

const sandbox = withSandbox();

function createStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

function openChat(url: string, model: string, storage = createStorage(), messages: UIMessage[] = []) {
  const parley = createParley({ url: `${url}/graphql`, headers: { authorization: `Bearer ${sandbox.key}` } });
  return new Chat({ id: 'chat', messages, transport: createParleyTransport({ parley, model, storage }) });
}

const textOf = (message: UIMessage | undefined) =>
  message?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? '';
/** The first words are there. */
const streaming = (chat: Chat<UIMessage>) =>
  vi.waitFor(() => expect(textOf(chat.lastMessage).split(' ').length).toBeGreaterThan(2), { timeout: 10_000 });

describe.each(models)('useChat with %s', (model) => {
  it('streams a conversation of two turns', async () => {
    const chat = openChat(sandbox.url, model);
    await chat.sendMessage({ text: question });
    expect(chat.status).toBe('ready');
    const first = textOf(chat.lastMessage);
    expect(first).not.toBe('');
    await chat.sendMessage({ text: 'And now?' });
    expect(chat.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    await chat.regenerate();
    expect(chat.messages).toHaveLength(4);
  });

  it('stops the provider', async () => {
    const chat = openChat(sandbox.slowUrl, model);
    const sent = chat.sendMessage({ text: question });
    await streaming(chat);
    await chat.stop();
    await sent;
    await sandbox.stopped();
    expect(chat.status).toBe('ready');
  });

  it('goes on after a reload, and stops then', async () => {
    const storage = createStorage();
    const before = openChat(sandbox.slowUrl, model, storage);
    void before.sendMessage({ text: question });
    await streaming(before);
    const after = openChat(sandbox.slowUrl, model, storage, before.messages.slice(0, 1));
    const resumed = after.resumeStream();
    await streaming(after);
    await after.stop();
    await resumed;
    await sandbox.stopped();
    const nothing = openChat(sandbox.slowUrl, model, createStorage());
    await nothing.resumeStream();
    expect(nothing.status).toBe('ready');
    await before.stop();
  });

  it('has failures', async () => {
    const chat = openChat(sandbox.url, 'nowhere/model');
    await chat.sendMessage({ text: question });
    expect(chat.status).toBe('error');
    expect(chat.error?.message).toContain('nowhere');
  });
});

describe('tools of the page', () => {
  let scripted: ToolScriptsGateway;
  beforeAll(async () => {
    scripted = await openToolScriptsGateway();
  });
  afterAll(() => scripted.close());

  it.each(models)('run in two steps with %s', async (model) => {
    const parley = createParley({ url: `${scripted.gateway.url}/graphql` });
    const weather = { description: 'The weather of a city.', parameters: z.object({ city: z.string() }) };
    const tools = { get_weather: weather, get_time: weather };
    const chat: Chat<UIMessage> = new Chat({
      transport: createParleyTransport({ parley, model, tools, storage: createStorage() }),
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
      onToolCall: ({ toolCall: { toolCallId, toolName } }) =>
        void chat.addToolOutput({ tool: toolName as never, toolCallId, output: { celsius: 21 } as never }),
    });
    await chat.sendMessage({ text: 'What is it like?' });
    await vi.waitFor(() => expect(textOf(chat.lastMessage)).not.toBe(''));
    expect(chat.messages).toHaveLength(2);
    expect(JSON.stringify(scripted.provider.requests.at(-1)?.body)).toContain('celsius');
  });
});
