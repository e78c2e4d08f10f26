import { type Chat, type ChatOptions, type ChatState, createChat } from 'parley-client/chat';
import { useEffect, useState, useSyncExternalStore } from 'react';

export type UseChat = ChatState &
  Omit<Chat, 'get' | 'subscribe' | 'mount' | 'setOptions'> & {
    /** Whether an answer is awaited or written: a message cannot be sent, and `stop` stops it. */
    readonly isRunning: boolean;
  };

/**
 * A conversation. It renders at most once a frame, resumes an answer that runs when the page loads again (`storageKey`), and
 * stops the model when its component goes away. Options may change at any time; they hold from the next answer on.
 */
export function useChat(options: ChatOptions): UseChat {
  const [chat] = useState(() => createChat(options));
  useEffect(() => chat.setOptions(options));
  useEffect(() => chat.mount(), [chat]);
  const state = useSyncExternalStore(chat.subscribe, chat.get, chat.get);
  const { send, stop, regenerate, edit, addToolResult, setMessages } = chat;
  const isRunning = state.status === 'submitted' || state.status === 'streaming';
  return { ...state, isRunning, send, stop, regenerate, edit, addToolResult, setMessages };
}
