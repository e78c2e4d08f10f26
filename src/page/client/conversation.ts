import type { ChatInput } from 'parley-client';
import { type ChatMessage, createChat } from 'parley-client/chat';
import { toMessageInputs } from 'parley-client/chat-message';
import { type Measures, measuresOf } from './answer.ts';
import { attach } from './attachments.ts';
import { readSettings } from './chat-settings.ts';
import { parley, toProblem } from './gateway.ts';
import { words } from './language.ts';
import { change, state } from './store.ts';

/** The conversation of the Chat tab. It is parley-client's, which every frontend can use. */
export const chat = createChat({ parley, model: '', storageKey: 'parley:conversation', onFinish: announce });

/** When the request was sent, and when its first content was here, by this browser. */
let askedAt = 0;
let firstContentMs: number | undefined;

export function followConversation(): void {
  chat.subscribe(() => {
    if (chat.get().status === 'streaming') firstContentMs ??= performance.now() - askedAt;
    const { failure } = chat.get();
    // Asks for a key where that is the reason.
    if (failure) toProblem(failure);
    change({});
  });
  setOptions();
  chat.mount();
}

export function isChatting(): boolean {
  const { status } = chat.get();
  return status === 'submitted' || status === 'streaming';
}

/** Gives the conversation its options. Returns what is wrong with them. */
function setOptions(): string {
  const read = readSettings(state.settings);
  if ('problem' in read) return read.problem;
  const { input, tools } = read;
  const used = Object.keys(tools).length > 0 && { tools };
  chat.setOptions({ parley, ...input, ...used, storageKey: 'parley:conversation', onFinish: announce });
  return '';
}

function announce({ text, toolCalls }: ChatMessage): void {
  if (text !== '' || toolCalls.length === 0) change({ announcement: words.answered });
}

/** Runs something that asks the model, unless the settings are wrong. */
function asking(ask: () => Promise<boolean>): void {
  const chatProblem = state.settings.model === '' ? words.chooseModel : setOptions();
  change({ chatProblem });
  if (chatProblem || isChatting()) return;
  askedAt = performance.now();
  firstContentMs = undefined;
  void ask();
}

export function send(): void {
  const { message, attachments } = state;
  if (message.trim() === '' && attachments.length === 0) return;
  asking(() => {
    change({ message: '', attachments: [] });
    return chat.send(
      message,
      attachments.map(({ part }) => part),
    );
  });
}

export const regenerate = (): void => asking(chat.regenerate);
export const edit = (id: string, text: string): void => asking(() => chat.edit(id, text));
export const answerCall = (id: string, content: string): void => asking(() => chat.addToolResult(id, content));

/** Removes a message; with a question go its answers. */
export function remove(id: string): void {
  const { messages } = chat.get();
  const index = messages.findIndex((one) => one.id === id);
  const next = messages.findIndex(({ role }, place) => place > index && role === 'USER');
  const isQuestion = messages[index]?.role === 'USER';
  const end = isQuestion ? (next < 0 ? messages.length : next) : index + 1;
  chat.setMessages([...messages.slice(0, index), ...messages.slice(end)]);
}

export function clear(): void {
  chat.setMessages([]);
}

export async function addFiles(files: Iterable<File>): Promise<void> {
  const { attachments, problem } = await attach(files, state.attachments);
  change({ attachments, chatProblem: problem });
}

/** The request that answers the conversation, or would answer it with what is typed. Undefined where settings are wrong. */
export function requestNow(): ChatInput | undefined {
  const read = readSettings(state.settings);
  if ('problem' in read) return undefined;
  const { messages } = chat.get();
  const last = messages.findLastIndex(({ role }) => role === 'USER');
  const typed = state.message.trim() !== '' || state.attachments.length > 0 || last < 0;
  const sent = (typed ? messages : messages.slice(0, last + 1)).flatMap(toMessageInputs);
  const parts = state.attachments.map(({ part }) => part);
  const content = state.message.trim() === '' && last < 0 ? words.example : state.message;
  const draft =
    parts.length > 0
      ? { role: 'USER' as const, parts: [{ text: content }, ...parts] }
      : { role: 'USER' as const, content };
  const tools = Object.entries(read.tools).map(([name, tool]) => ({
    name,
    description: tool.description,
    parameters: tool.parameters as Record<string, unknown>,
  }));
  return { ...read.input, messages: typed ? [...sent, draft] : sent, ...(tools.length > 0 && { tools }) };
}

/** Undefined for an answer that was stopped. */
export function measuresOfMessage(message: ChatMessage, isLast: boolean): Measures | undefined {
  const { completion } = message;
  const { text, reasoning } = message;
  if (completion) {
    const end = { ...completion, __typename: 'CompletionFinished' as const, cursor: '' };
    return measuresOf({ text, reasoning, startedAt: 0, end }, 0);
  }
  if (!isLast || !isChatting() || askedAt === 0) return undefined;
  return measuresOf(
    { text, reasoning, startedAt: askedAt, ...(firstContentMs !== undefined && { firstContentMs }) },
    performance.now(),
  );
}

export type Totals = {
  readonly cost: { readonly total: number; readonly currency: string } | undefined;
  readonly tokens: number;
  /** Input tokens that came from the provider's cache, 0 to 1. */
  readonly cachedShare: number;
};

/** All answers of the conversation together. */
export function totalsOf(messages: readonly ChatMessage[]): Totals {
  let [tokens, input, cached, total] = [0, 0, 0, 0];
  let currency: string | undefined;
  for (const { completion } of messages) {
    tokens += completion?.usage?.totalTokens ?? 0;
    input += completion?.usage?.inputTokens ?? 0;
    cached += completion?.usage?.cacheReadInputTokens ?? 0;
    total += completion?.cost?.total ?? 0;
    currency ??= completion?.cost?.currency;
  }
  return { cost: currency ? { total, currency } : undefined, tokens, cachedShare: input > 0 ? cached / input : 0 };
}
