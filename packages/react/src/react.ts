/** Hooks for React 18 and 19. */
export type { ChatMessage, ChatOptions, ChatState, ChatTool } from 'parley-client/chat';
export { type UseChat, useChat } from './use-chat.ts';
export { type CompletionOptions, type UseCompletion, useCompletion } from './use-completion.ts';
export { type ObjectOptions, type UseObject, useObject } from './use-object.ts';
