import { type ChatMessage, toMessageInputs } from './chat-message.ts';
import type { Parley } from './client.ts';
import type { PartialCompletion } from './completion.ts';
import { ChatError } from './errors.ts';
import type { ChatInput, ContentPartInput } from './operations.ts';
import type { Schema } from './schema.ts';
import { createStore } from './store.ts';
import type { ChatStream } from './stream.ts';
import { runTool, type Tool, toToolInputs } from './tools.ts';

/** A conversation for an interface: messages, what happens, and the actions of a user. Bindings follow its store. */

export type { ChatMessage };

export type ChatState = {
  readonly messages: readonly ChatMessage[];
  /** `submitted` until the first content; `failed` has the reason in `failure`. */
  readonly status: 'ready' | 'submitted' | 'streaming' | 'failed';
  readonly failure: ChatError | undefined;
  /** Whether the connection is lost and another one is tried. */
  readonly isReconnecting: boolean;
};

/** A tool that the page runs, or without `execute` one whose result a user gives (`addToolResult`). */
export type ChatTool<S extends Schema = Schema> = Omit<Tool<S>, 'execute'> & Partial<Pick<Tool<S>, 'execute'>>;

export type ChatOptions = Omit<ChatInput, 'messages' | 'tools' | 'requestId'> & {
  readonly parley: Parley;
  readonly tools?: Readonly<Record<string, ChatTool>>;
  /** The most answers to one message, where tools are called. Default: 8. */
  readonly maxSteps?: number;
  /** The conversation so far. Default: none. */
  readonly initialMessages?: readonly ChatMessage[];
  /** Keeps the conversation in `sessionStorage` under this key, and follows an answer that runs when the page loads again. */
  readonly storageKey?: string;
  readonly onFinish?: (message: ChatMessage) => void;
};

export type Chat = {
  get(): ChatState;
  subscribe(listener: () => void): () => void;
  /** Sends a message and awaits its answer. Refused (false) while another one runs. */
  send(text: string, attachments?: readonly ContentPartInput[]): Promise<boolean>;
  /** Stops the answer and the model. What came stays. */
  stop(): void;
  /** Answers the last message of the user again. */
  regenerate(): Promise<boolean>;
  /** Replaces a message of the user, forgets what came after it, and answers. */
  edit(id: string, text: string): Promise<boolean>;
  /** The result of a call that the page does not run. The answer goes on when all have one. */
  addToolResult(callId: string, content: string, isError?: boolean): Promise<boolean>;
  setMessages(messages: readonly ChatMessage[]): void;
  /** Options from now on. */
  setOptions(options: ChatOptions): void;
  /** Reads what is stored and follows an answer that runs. Returns the function that leaves: it stops what is not stored. */
  mount(): () => void;
};

type Saved = { readonly messages: readonly ChatMessage[]; readonly streamId?: string | undefined };

export function createChat(initial: ChatOptions): Chat {
  let options = initial;
  const store = createStore<ChatState>({
    messages: options.initialMessages ?? [],
    status: 'ready',
    failure: undefined,
    isReconnecting: false,
  });
  let stream: ChatStream | undefined;
  /** Of the run that counts: another one may still be ending. */
  let run: AbortController | undefined;

  const isBusy = () => run !== undefined;
  const replace = (message: ChatMessage) => {
    const { messages } = store.get();
    const isKnown = messages.some(({ id }) => id === message.id);
    const next = messages.map((one) => (one.id === message.id ? message : one));
    store.set({ messages: isKnown ? next : [...messages, message] });
  };

  function save(streamId?: string): void {
    if (!options.storageKey || typeof sessionStorage === 'undefined') return;
    const saved: Saved = { messages: store.get().messages, streamId };
    try {
      sessionStorage.setItem(options.storageKey, JSON.stringify(saved));
    } catch {
      // It is full: large attachments are not worth an error.
    }
  }

  function load(): Saved | undefined {
    if (!options.storageKey || typeof sessionStorage === 'undefined') return undefined;
    try {
      return JSON.parse(sessionStorage.getItem(options.storageKey) ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  }

  /** Runs answers until no tool is called, beginning with one that runs already, if there is one. */
  async function answer(running?: ChatStream): Promise<boolean> {
    if (isBusy()) return false;
    const current = new AbortController();
    run = current;
    store.set({ status: 'submitted', failure: undefined });
    try {
      for (let step = 0; step < (options.maxSteps ?? 8); step++) {
        stream = step === 0 && running ? running : startAnswer();
        const message = await follow(stream, current);
        options.onFinish?.(message);
        if (message.toolCalls.length === 0 || !(await runTools(message, current))) break;
      }
      if (run === current) store.set({ status: 'ready' });
    } catch (thrown) {
      if (run !== current) return false;
      const isStopped = current.signal.aborted || (thrown instanceof ChatError && thrown.code === 'CANCELLED');
      const failure = thrown instanceof ChatError ? thrown : new ChatError('INTERNAL', String(thrown));
      store.set(isStopped ? { status: 'ready' } : { status: 'failed', failure });
    }
    if (run !== current) return false;
    run = undefined;
    store.set({ isReconnecting: false });
    save();
    return true;
  }

  const onReconnect = (isReconnecting: boolean) => store.set({ isReconnecting });

  function startAnswer(): ChatStream {
    const { parley, tools, maxSteps, initialMessages, storageKey, onFinish, ...input } = options;
    const messages = store.get().messages.flatMap(toMessageInputs);
    return parley.stream({ ...input, messages, ...(tools && { tools: toToolInputs(tools) }) }, { onReconnect });
  }

  /** Shows an answer while it is written. Until it is whole, its tool calls cannot be sent back, and are not shown. */
  async function follow(followed: ChatStream, current: AbortController): Promise<ChatMessage> {
    const id = newId();
    let shown: PartialCompletion | undefined;
    const completion = await followed.toCompletion((event, soFar) => {
      if (run !== current) return undefined;
      if (event.__typename === 'CompletionStarted') save(event.streamId);
      if (soFar === shown || event.__typename === 'CompletionFinished') return undefined;
      shown = soFar;
      const { text, reasoning, files } = soFar;
      if (text === '' && reasoning === null && files.length === 0) return undefined;
      if (store.get().status !== 'streaming') store.set({ status: 'streaming' });
      replace({ ...{ id, role: 'ASSISTANT', attachments: [], toolCalls: [] }, text, reasoning, files });
      return leaveTime();
    });
    const { text, reasoning, files, toolCalls } = completion;
    const message: ChatMessage = {
      ...{ id, role: 'ASSISTANT', attachments: [] },
      ...{ text, reasoning, files, toolCalls, completion },
    };
    if (run === current) replace(message);
    return message;
  }

  /** Gives a call its result. Returns whether all calls of its answer have one now; undefined for an unknown call. */
  function setResult(callId: string, content: string, isError: boolean): boolean | undefined {
    const message = store.get().messages.find(({ toolCalls }) => toolCalls.some(({ id }) => id === callId));
    if (!message) return undefined;
    const toolCalls = message.toolCalls.map((call) => (call.id === callId ? { ...call, content, isError } : call));
    replace({ ...message, toolCalls });
    save();
    return toolCalls.every((call) => call.content !== undefined);
  }

  /** Runs the calls side by side, while a user may answer others. Returns whether all have results now. */
  async function runTools({ toolCalls }: ChatMessage, current: AbortController): Promise<boolean> {
    const { tools = {} } = options;
    const isAnswered = await Promise.all(
      toolCalls.map(async (call) => {
        const definition = tools[call.name];
        if (definition && !definition.execute) return false;
        const { content, isError } = await runTool(definition as Tool | undefined, call, current.signal);
        return run === current && setResult(call.id, content, isError);
      }),
    );
    return isAnswered.includes(true);
  }

  return {
    get: store.get,
    subscribe: store.subscribe,
    async send(text, attachments = []) {
      if (isBusy()) return false;
      const message = {
        id: newId(),
        role: 'USER' as const,
        text,
        attachments,
        reasoning: null,
        toolCalls: [],
        files: [],
      };
      replace(message);
      save();
      return answer();
    },
    stop() {
      run?.abort();
      stream?.stop();
    },
    async regenerate() {
      if (isBusy()) return false;
      const { messages } = store.get();
      const last = messages.findLastIndex(({ role }) => role === 'USER');
      store.set({ messages: messages.slice(0, last + 1) });
      return last < 0 ? false : answer();
    },
    async edit(id, text) {
      const { messages } = store.get();
      const index = messages.findIndex((one) => one.id === id && one.role === 'USER');
      const message = messages[index];
      if (isBusy() || !message) return false;
      store.set({ messages: [...messages.slice(0, index), { ...message, text }] });
      return answer();
    },
    async addToolResult(callId, content, isError = false) {
      return setResult(callId, content, isError) === true && answer();
    },
    setMessages(messages) {
      store.set({ messages, ...(!isBusy() && { status: 'ready', failure: undefined }) });
      save();
    },
    setOptions(next) {
      options = next;
    },
    mount() {
      const saved = isBusy() ? undefined : load();
      if (saved) store.set({ messages: saved.messages });
      if (saved?.streamId) void answer(options.parley.resume({ streamId: saved.streamId }, { onReconnect }));
      return () => {
        if (options.storageKey) stream?.detach();
        else stream?.stop();
        run = undefined;
        store.set({ status: 'ready' });
      };
    },
  };
}

/** How long events are read without a break, in milliseconds: half a frame. */
const mostWorkMs = 8;
let breakEnded = 0;

/** A page stays responsive while a fast stream is read. One that is hidden has nothing to draw, and slow timers. */
function leaveTime(): Promise<void> | undefined {
  if (globalThis.document?.visibilityState !== 'visible' || performance.now() - breakEnded < mostWorkMs)
    return undefined;
  return new Promise((resolve) => {
    setTimeout(() => {
      breakEnded = performance.now();
      resolve();
    });
  });
}

function newId(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}
