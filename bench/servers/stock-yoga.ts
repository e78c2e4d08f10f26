import { createParser } from 'eventsource-parser';
import { Agent } from 'undici';
import type { ChatEvent, Completion, CompletionEnd, Provenance } from '../../src/core/completion.ts';
import type { Gateway } from '../../src/core/gateway.ts';
import type { Poll, PollStream } from '../../src/core/poll-stream.ts';
import { noKeptStreams } from '../../test/support/no-kept-streams.ts';
import { serveYoga } from './serve-yoga.ts';

/**
 * What a team builds in an afternoon: the same schema behind Yoga with its defaults, with resolvers that read the provider like
 * the hand-written relay, and yield one event per chunk. No validation, key, limit or log.
 */

type Input = {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
};

type Head = { readonly id: string; readonly model: string; readonly created: number };

type WholeAnswer = Head & {
  readonly choices: readonly [{ readonly message: { readonly content: string }; readonly finish_reason: 'stop' }];
  readonly usage: Readonly<Record<'prompt_tokens' | 'completion_tokens' | 'total_tokens', number>>;
};

type Chunk = Head & {
  readonly choices: readonly { readonly delta: { readonly content?: string }; readonly finish_reason: 'stop' | null }[];
};

const [, , port, upstream = ''] = process.argv;
const { origin, pathname } = new URL(`${upstream}/chat/completions`);
const agent = new Agent({ allowH2: false });

async function ask({ model, messages }: Input, stream: boolean, signal: AbortSignal) {
  const [, name] = model.split('/');
  const { body } = await agent.request({
    origin,
    path: pathname,
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer key' },
    body: JSON.stringify({
      model: name,
      stream,
      messages: messages.map((each) => ({ ...each, role: each.role.toLowerCase() })),
    }),
    signal,
  });
  return body;
}

/** Fields that the benchmark does not select. */
const nothing: Omit<Provenance & CompletionEnd, 'finishReason'> = {
  warnings: [],
  attempts: [],
  cost: undefined,
  latencyMs: 0,
  overheadMs: 0,
  timeToFirstTokenMs: undefined,
  rawFinishReason: undefined,
  refusal: undefined,
  citations: [],
  usage: undefined,
  providerState: undefined,
};

async function chat(input: Input, signal: AbortSignal): Promise<Completion> {
  const answer = (await (await ask(input, false, signal)).json()) as WholeAnswer;
  const { id, model, created, choices, usage } = answer;
  const [{ message, finish_reason: finishReason }] = choices;
  const { prompt_tokens: inputTokens, completion_tokens: outputTokens, total_tokens: totalTokens } = usage;
  const tokens = { inputTokens, outputTokens, totalTokens };
  const details = {
    cacheReadInputTokens: undefined,
    cacheWriteInputTokens: undefined,
    reasoningOutputTokens: undefined,
  };
  const head = { id, provider: 'up', model, created: new Date(created * 1000), isSandbox: false };
  const said = { text: message.content, reasoning: '', toolCalls: [], finishReason };
  return { ...nothing, ...head, ...said, usage: { ...tokens, ...details } };
}

async function stream(input: Input, signal: AbortSignal): Promise<PollStream<ChatEvent>> {
  let isStarted = false;
  let read: ChatEvent[] = [];
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return;
      const { id, model, created, choices } = JSON.parse(data) as Chunk;
      const [choice] = choices;
      if (!isStarted) {
        const head = { id, provider: 'up', model, created: new Date(created * 1000), isSandbox: false };
        read.push({ type: 'started', streamId: id, ...head, timeToFirstTokenMs: 0, overheadMs: 0 });
      }
      isStarted = true;
      if (choice?.delta.content) read.push({ type: 'content', text: choice.delta.content });
      if (choice?.finish_reason) read.push({ ...nothing, type: 'finished', finishReason: choice.finish_reason });
    },
  });
  const decoder = new TextDecoder();
  const pieces = (await ask(input, true, signal))[Symbol.asyncIterator]();
  let next: Poll<ChatEvent> = 'pending';
  return {
    poll() {
      const taken = next;
      if (taken !== 'done') next = 'pending';
      return taken;
    },
    async ready() {
      const { done, value } = await pieces.next();
      if (done) next = 'done';
      else {
        parser.feed(decoder.decode(value, { stream: true }));
        next = read;
        read = [];
      }
    },
    cancel: () => void pieces.return?.(),
  };
}

const gateway: Gateway = {
  models: [],
  embeddingModels: [],
  providers: [],
  routes: [],
  embed: () => Promise.reject(new Error('Not asked')),
  toModelId: (name) => name,
  countTokens: async () => ({ inputTokens: 0, isEstimate: true }),
  health: () => ({ status: 'ready', availableAt: undefined, keys: [] }),
  chat: (input, { signal }) => chat(input as Input, signal as AbortSignal),
  stream: (input, { signal }) => stream(input as Input, signal as AbortSignal),
  kept: noKeptStreams,
};

serveYoga(port, gateway);
