import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type ChatOptions, createChat } from '../../packages/client/src/chat.ts';
import { createParley, tool } from '../../packages/client/src/client.ts';
import { useChat } from '../../packages/react/src/react.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { openAiStream, type ProviderServer, sendJson, sendStream, startProvider } from '../support/provider-server.ts';
import { openToolScriptsGateway, type ToolScriptsGateway } from '../support/tool-scripts-gateway.ts';

/** The conversation behind the hooks, against a real gateway. */

const toEvent = (delta: object) => `data: ${JSON.stringify({ id: 'x', choices: [{ index: 0, delta }] })}\n\n`;

let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['model'] === 'failing') return sendJson(response, 400, { error: { message: 'No', code: 'bad' } });
    const { messages } = body as { messages: { content: string }[] };
    if (body['model'] === 'echo')
      return sendStream(response, openAiStream(['You said ', messages.at(-1)?.content ?? '']));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const talk = setInterval(() => response.write(toEvent({ content: 'word ' })), 5);
    response.once('close', () => clearInterval(talk));
  });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});
afterEach(() => vi.unstubAllGlobals());

const parley = () => createParley({ url: `${gateway.url}/graphql` });
const open = (options: Partial<ChatOptions> = {}) => createChat({ parley: parley(), model: 'local/echo', ...options });
const textsOf = (chat: ReturnType<typeof open>) => chat.get().messages.map(({ text }) => text);
/** What the provider was sent last, as texts. */
const lastSent = () => {
  const messages = provider.requests.at(-1)?.body['messages'] as { content: string }[] | undefined;
  return messages?.map(({ content }) => content);
};
const streaming = (chat: ReturnType<typeof open>) =>
  vi.waitFor(() => expect(chat.get().messages.at(-1)?.text).toContain('word'), { interval: 5 });

describe('a chat', () => {
  it('sends the conversation, and takes one message at a time', async () => {
    const chat = open();
    const first = chat.send('one');
    expect(chat.get()).toMatchObject({ status: 'submitted', messages: [{ role: 'USER', text: 'one' }] });
    expect(await chat.send('another')).toBe(false);
    expect(await first).toBe(true);
    await chat.send('two');
    expect(textsOf(chat)).toEqual(['one', 'You said one', 'two', 'You said two']);
    expect(lastSent()).toEqual(['one', 'You said one', 'two']);
    expect(chat.get()).toMatchObject({ status: 'ready', failure: undefined });
    expect(chat.get().messages.at(-1)?.completion).toMatchObject({ finishReason: 'STOP' });
  });

  it('regenerates the last answer, and edits an earlier message', async () => {
    const chat = open();
    await chat.send('one');
    await chat.send('two');
    await chat.regenerate();
    expect(textsOf(chat)).toEqual(['one', 'You said one', 'two', 'You said two']);
    expect(lastSent()).toEqual(['one', 'You said one', 'two']);
    const [first] = chat.get().messages;
    await chat.edit(first?.id ?? '', 'three');
    expect(textsOf(chat)).toEqual(['three', 'You said three']);
    expect(await chat.edit('unknown', 'x')).toBe(false);
  });

  it('forgets its failure with its messages', async () => {
    const chat = open({ model: 'local/failing' });
    await chat.send('one');
    chat.setMessages([]);
    expect(chat.get()).toMatchObject({ status: 'ready', failure: undefined, messages: [] });
  });

  it('stops the provider, and keeps what came', async () => {
    const chat = open({ model: 'local/endless' });
    const sent = chat.send('one');
    await streaming(chat);
    chat.stop();
    await sent;
    await provider.requests.at(-1)?.closed;
    expect(chat.get()).toMatchObject({ status: 'ready', failure: undefined });
    expect(textsOf(chat)[1]).toMatch(/^(word )+$/);
    chat.setOptions({ parley: parley(), model: 'local/echo' });
    await chat.send('two');
    expect(textsOf(chat).at(-1)).toBe('You said two');
  });

  it('has the failure, and answers again', async () => {
    const chat = open({ model: 'local/failing' });
    await chat.send('one');
    expect(chat.get()).toMatchObject({ status: 'failed', failure: { code: 'UPSTREAM_REJECTED' } });
    chat.setOptions({ parley: parley(), model: 'local/echo' });
    await chat.regenerate();
    expect(chat.get()).toMatchObject({ status: 'ready', failure: undefined });
    expect(textsOf(chat)).toEqual(['one', 'You said one']);
  });

  it('sends attachments as parts', async () => {
    const chat = open();
    await chat.send('Look', [{ image: { url: 'data:image/png;base64,iVBORw0KGgo=' } }]);
    expect(lastSent()).toMatchObject([[{ type: 'text', text: 'Look' }, { type: 'image_url' }]]);
  });

  it('follows its answer after a reload of the page, and stops without a key to store under', async () => {
    const stored = new Map<string, string>();
    vi.stubGlobal('sessionStorage', {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => void stored.set(key, value),
    });
    const options = { model: 'local/endless', storageKey: 'chat' };
    const before = open(options);
    const leave = before.mount();
    void before.send('one');
    await streaming(before);
    const asked = provider.requests.length;
    leave();
    const after = open(options);
    // In StrictMode effects run twice.
    after.mount()();
    after.mount();
    await streaming(after);
    expect(textsOf(after)[0]).toBe('one');
    expect(provider.requests.length).toBe(asked);
    after.stop();
    await provider.requests.at(-1)?.closed;
    await vi.waitFor(() => expect(after.get().status).toBe('ready'));

    const unstored = open({ model: 'local/endless' });
    const leaveUnstored = unstored.mount();
    void unstored.send('one');
    await streaming(unstored);
    leaveUnstored();
    await provider.requests.at(-1)?.closed;
  });
});

describe('tools', () => {
  let scripted: ToolScriptsGateway;
  beforeAll(async () => {
    scripted = await openToolScriptsGateway();
  });
  afterAll(() => scripted.close());
  const weather = tool({
    description: 'The weather of a city.',
    parameters: z.object({ city: z.string() }),
    execute: () => ({ celsius: 21 }),
  });
  const openScripted = (tools: NonNullable<ChatOptions['tools']>) =>
    createChat({
      parley: createParley({ url: `${scripted.gateway.url}/graphql` }),
      model: 'anthropic/claude-sonnet-4-5',
      tools,
    });

  it('run in the page, until the model has its answer', async () => {
    const chat = openScripted({ get_weather: weather, get_time: weather });
    await chat.send('What is it like?');
    const { messages, status } = chat.get();
    expect(status).toBe('ready');
    expect(messages.map(({ role }) => role)).toEqual(['USER', 'ASSISTANT', 'ASSISTANT']);
    expect(messages[1]?.toolCalls.map(({ content }) => content)).toEqual(['{"celsius":21}', '{"celsius":21}']);
    expect(messages[2]?.text).not.toBe('');
  });

  it('keep the answer of a user that comes while the page still runs another tool', async () => {
    const { execute, ...asked } = weather;
    let finish = (_result: unknown) => {};
    const slow = tool({ ...weather, execute: () => new Promise((resolve) => (finish = resolve)) });
    const chat = openScripted({ get_weather: slow, get_time: asked });
    const sent = chat.send('What is it like?');
    const callOf = (name: string) => chat.get().messages[1]?.toolCalls.find((call) => call.name === name);
    await vi.waitFor(() => expect(callOf('get_time')).toBeDefined());
    expect(await chat.addToolResult(callOf('get_time')?.id ?? '', 'Noon')).toBe(false);
    finish({ celsius: 21 });
    await sent;
    expect(chat.get().messages[1]?.toolCalls.map(({ content }) => content)).toEqual(['{"celsius":21}', 'Noon']);
    expect(chat.get().messages.at(-1)?.text).not.toBe('');
  });

  it('wait for a user where the page does not run them', async () => {
    const { execute, ...asked } = weather;
    const chat = openScripted({ get_weather: weather, get_time: asked });
    await chat.send('What is it like?');
    expect(chat.get()).toMatchObject({
      status: 'ready',
      messages: [{}, { toolCalls: [{ content: '{"celsius":21}' }, {}] }],
    });
    const open = chat.get().messages[1]?.toolCalls.find(({ content }) => content === undefined);
    expect(await chat.addToolResult('unknown', 'x')).toBe(false);
    expect(await chat.addToolResult(open?.id ?? '', 'Noon')).toBe(true);
    expect(chat.get().messages.at(-1)?.text).not.toBe('');
  });
});

it('renders on a server, without storage or a document', () => {
  const options = { parley: parley(), model: 'local/echo', storageKey: 'chat' };
  function Page() {
    const { status, messages } = useChat(options);
    return createElement('p', null, status, messages.length);
  }
  expect(renderToString(createElement(Page))).toContain('ready');
});
