import { type Chat, type ChatOptions, type ChatState, createChat } from 'parley-client/chat';

export type ChatStore = Omit<Chat, 'get' | 'subscribe' | 'mount'> & {
  /** As Svelte's stores have it: `$chat` is the state, at most one change a frame. */
  subscribe(run: (state: ChatState) => void): () => void;
};

/**
 * A conversation. It follows an answer that runs when the page loads again (`storageKey`) once something is subscribed, and stops
 * the model when nothing is any more. The store contract needs no import of Svelte, so all its versions work.
 */
export function createChatStore(options: ChatOptions): ChatStore {
  const { get, subscribe, mount, ...actions } = createChat(options);
  let subscribers = 0;
  let leave = () => {};
  return {
    ...actions,
    subscribe(run) {
      run(get());
      const unsubscribe = subscribe(() => run(get()));
      // On a server a page is read once, and has no document.
      if (subscribers++ === 0 && typeof document !== 'undefined') leave = mount();
      return () => {
        unsubscribe();
        if (--subscribers === 0) leave();
      };
    },
  };
}
