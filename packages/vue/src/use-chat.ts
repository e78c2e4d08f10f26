import { type Chat, type ChatOptions, type ChatState, createChat } from 'parley-client/chat';
import {
  getCurrentInstance,
  type MaybeRefOrGetter,
  onMounted,
  onScopeDispose,
  type ShallowRef,
  shallowRef,
  toValue,
  watchEffect,
} from 'vue';

export type UseChat = Omit<Chat, 'get' | 'subscribe' | 'mount' | 'setOptions'> & {
  /** The conversation and what happens. A new object with each change, at most once a frame. */
  readonly state: Readonly<ShallowRef<ChatState>>;
};

/**
 * A conversation. It resumes an answer that runs when the page loads again (`storageKey`), and stops the model when its component
 * goes away. Options may be a ref or a getter; changes hold from the next answer on.
 */
export function useChat(options: MaybeRefOrGetter<ChatOptions>): UseChat {
  const { get, subscribe, mount, setOptions, ...actions } = createChat(toValue(options));
  const state = shallowRef(get());
  let leave: (() => void) | undefined;
  const start = () => {
    leave = mount();
  };
  const unsubscribe = subscribe(() => {
    state.value = get();
  });
  watchEffect(() => setOptions(toValue(options)));
  // On a server nothing is mounted.
  if (getCurrentInstance()) onMounted(start);
  else start();
  onScopeDispose(() => {
    leave?.();
    unsubscribe();
  });
  return { ...actions, state };
}
