import { derived } from 'svelte/store';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { effectScope, nextTick, ref, watchEffect } from 'vue';
import { createParley } from '../../packages/client/src/client.ts';
import { createChatStore } from '../../packages/svelte/src/chat-store.ts';
import { useChat } from '../../packages/vue/src/use-chat.ts';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { openAiStream, type ProviderServer, sendStream, startProvider } from '../support/provider-server.ts';

/** The bindings of the conversation for Vue and Svelte, with their own reactivity. */

let provider: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    if (body['model'] !== 'endless') return sendStream(response, openAiStream([`I am ${body['model']}`]));
    const chunk = { id: 'x', choices: [{ index: 0, delta: { content: 'word ' } }] };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const talk = setInterval(() => response.write(`data: ${JSON.stringify(chunk)}\n\n`), 5);
    response.once('close', () => clearInterval(talk));
  });
  gateway = await openGateway({ yaml: localProvider(provider.url) });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});
const parley = () => createParley({ url: `${gateway.url}/graphql` });

describe('Vue', () => {
  it('renders what changes, follows its options, and stops the model with its scope', async () => {
    const scope = effectScope();
    const model = ref('local/one');
    const shown: string[] = [];
    const chat = scope.run(() => {
      const used = useChat(() => ({ parley: parley(), model: model.value }));
      watchEffect(() => shown.push(used.state.value.messages.map(({ text }) => text).join(' ')));
      return used;
    });
    await chat?.send('Hello');
    await vi.waitFor(() => expect(shown.at(-1)).toBe('Hello I am one'));
    model.value = 'local/endless';
    await nextTick();
    void chat?.send('Again');
    await vi.waitFor(() => expect(shown.at(-1)).toContain('word word'));
    scope.stop();
    await provider.requests.at(-1)?.closed;
  });
});

describe('Svelte', () => {
  it('is a store that others are derived from, and stops the model when nothing follows it', async () => {
    vi.stubGlobal('document', { visibilityState: 'hidden', addEventListener() {} });
    const chat = createChatStore({ parley: parley(), model: 'local/endless' });
    const shown: string[] = [];
    const last = derived(chat, ({ messages }) => messages.at(-1)?.text ?? '');
    const leave = last.subscribe((text) => shown.push(text));
    expect(shown).toEqual(['']);
    void chat.send('Hello');
    await vi.waitFor(() => expect(shown.at(-1)).toContain('word word'));
    leave();
    await provider.requests.at(-1)?.closed;
    vi.unstubAllGlobals();
  });
});
