import { toAbortSignal } from '../core/abort.ts';
import type { Codec, EncodedRequest, Mode, ProviderAdapter } from '../core/adapter.ts';
import type { ChatRequest } from '../core/chat.ts';
import { collect, toEvents } from '../core/collect.ts';
import type { ProviderCompletion, ProviderEvent, Usage, Warning } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import type { Target } from '../core/model.ts';
import { type Poll, type PollStream, toAsyncIterable } from '../core/poll-stream.ts';
import type { Connection, Upstream, UpstreamResponse } from '../core/ports.ts';
import { createRecent, type Recent } from '../core/recent.ts';
import { decodeBatches } from '../core/stream.ts';
import { awaitFirstContent } from './await-first-content.ts';
import type { AttemptContext, Call } from './call.ts';
import { type FetchImage, withInlineImages } from './inline-images.ts';
import type { KeyPool } from './key-pool.ts';
import type { RetryBudget } from './retry-budget.ts';
import { withParameters } from './targets.ts';

/** One try at one target with one key: send, decode. */

/** All that it takes to ask one provider. */
export type ProviderClient = {
  readonly adapter: ProviderAdapter;
  readonly connection: Connection;
  readonly keys: KeyPool;
  readonly budget: RetryBudget;
  readonly upstream: Upstream;
  readonly fetchImage: FetchImage | undefined;
};

/** What is sent to a target, with whichever key. `mode` is the wire's: some answers come by a stream alone. */
export type PreparedRequest = EncodedRequest & { readonly mode: Mode; readonly codec: Codec };

/** What was answered to what was sent in the end. */
type Answered = {
  readonly status: number;
  readonly warnings: readonly Warning[];
};

export type WholeAttempt = Answered & { readonly answer: ProviderCompletion };

export type StreamAttempt = Answered & {
  /** From the first content on. */
  readonly batches: PollStream<ProviderEvent>;
  usage(): Usage | undefined;
};

/** Throws UNSUPPORTED_OPTION where the target cannot honour what the request is about. */
export function prepare(
  { request: given, signal, watch }: Pick<Call, 'request' | 'signal' | 'watch'>,
  target: Target,
  { adapter, fetchImage }: Pick<ProviderClient, 'adapter' | 'fetchImage'>,
  asked: Mode,
): PreparedRequest | Promise<PreparedRequest> {
  const own = withParameters(given, target);
  if (!fetchImage || !adapter.imagesInline) return encode(own, target, adapter, asked);
  const inlined = watch.during(withInlineImages(own, target, fetchImage, toAbortSignal(signal)));
  return inlined.then((request) => encode(request, target, adapter, asked));
}

function encode(request: ChatRequest, target: Target, adapter: ProviderAdapter, asked: Mode): PreparedRequest {
  const codec = adapter.codecFor(target);
  const mode = codec.streamsOnly?.(request) ? 'stream' : asked;
  const encoded = codec.encode(request, mode);
  return { ...encoded, warnings: [...(target.warnings ?? []), ...encoded.warnings], mode, codec };
}

export async function askWhole(attempt: AttemptContext): Promise<WholeAttempt> {
  if (attempt.prepared.mode === 'stream') return askWholeByStream(attempt);
  const answered = attempt.clock.start('response');
  try {
    const { response, ...answered } = await open(attempt);
    return { answer: attempt.prepared.codec.decode(await response.json()), ...answered };
  } finally {
    answered();
  }
}

async function askWholeByStream(attempt: AttemptContext): Promise<WholeAttempt> {
  const { batches, status, warnings } = await askStream(attempt);
  return { answer: collect((await Array.fromAsync(toAsyncIterable(batches))).flat()), status, warnings };
}

export async function askStream(attempt: AttemptContext): Promise<StreamAttempt> {
  const contentCame = attempt.clock.start('firstContent');
  try {
    const { response, ...answered } = await open(attempt);
    const { codec } = attempt.prepared;
    const decoder = codec.decodeStream();
    // A body that says it is JSON is an error, or the whole answer of a server that does not stream.
    const events = isJson(response) ? wholeAsStream(codec, response) : decodeBatches(decoder, response.events());
    const batches = await awaitFirstContent(attempt.clock.withIdleTimeout(events));
    return { batches, ...answered, usage: decoder.usage };
  } finally {
    contentCame();
  }
}

async function open(attempt: AttemptContext): Promise<Answered & { readonly response: UpstreamResponse }> {
  const { line, prepared } = attempt;
  const { codec, mode } = prepared;
  // Each round sends less than the one before it, and the last one sends nothing that can be left out.
  for (let sent: EncodedRequest = prepared; ; ) {
    const response = await send(attempt, { ...sent, mode });
    const { status, headers } = response;
    const misplaced = misplacedAnswer(line.adapter.id, response);
    if (misplaced) {
      response.discard();
      throw misplaced;
    }
    if (status >= 200 && status < 300) return { response, status, warnings: sent.warnings };
    const failure = { status, headers, body: await response.text() };
    const less = codec.withoutRefused?.(sent, failure);
    if (!less) throw codec.decodeFailure(failure);
    sent = less;
  }
}

async function send(
  { call, target, line, turn, observed, clock }: AttemptContext,
  { path, body, mode }: EncodedRequest & { readonly mode: Mode },
): Promise<UpstreamResponse> {
  const { adapter, connection, upstream } = line;
  let isConnected = false;
  let connected = () => {};
  let begun = () => {};
  try {
    const sending = upstream.send({
      url: urlOf(connection.baseUrl, path),
      headers: { ...observed.headers, ...(turn.key.secret && adapter.authorize(turn.key.secret.reveal())) },
      body,
      signal: clock.signal,
      onConnected: () => {
        isConnected = true;
        connected();
        call.bill.onSent(target);
        if (mode === 'stream') begun = clock.start('headers');
      },
      waitTimer: call.watch.waitTimer,
    });
    // Mostly there is a connection already, and no time to give up waiting for one.
    if (!isConnected) connected = clock.start('connect');
    return await sending;
  } finally {
    connected();
    begun();
  }
}

/** Answers of something that is no API, or stands in front of one. */
function misplacedAnswer(provider: string, response: UpstreamResponse): GatewayError | undefined {
  const { status } = response;
  if (status >= 300 && status < 400) {
    const message = `${provider} answered with a redirect, which is never followed: check its base URL.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status, retryable: false });
  }
  const coding = String(response.headers['content-encoding'] ?? 'identity');
  if (status < 300 && coding !== 'identity') {
    // Nobody asked for it, and a small body may unfold into one that fills the memory.
    const message = `${provider} answered in a compressed form (${coding.slice(0, 20)}) that was not asked for: check what stands in front of it.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status });
  }
  if (status < 300 && contentType(response).startsWith('text/html')) {
    const message = `${provider} answered with a web page: check its base URL.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status });
  }
  return undefined;
}

/** Those that were asked last, for each base. Some paths have the name of a model in them, which may be anything. */
const urls = new WeakMap<URL, Recent<URL>>();
const maxUrls = 100;

function urlOf(base: URL, path: string): URL {
  const known = urls.get(base) ?? createRecent<URL>(maxUrls);
  urls.set(base, known);
  const url = known.get(path);
  if (url) return url;
  const joined = joinUrl(base, path);
  known.set(path, joined);
  return joined;
}

/** Some people write a base URL with the version, some without. */
export function joinUrl(base: URL, path: string): URL {
  const prefix = base.pathname.replace(/\/+$/, '');
  const version = /^\/v\d[^/]*(?=\/)/.exec(path)?.[0];
  const joined = version && prefix.endsWith(version) ? prefix + path.slice(version.length) : prefix + path;
  const url = new URL(base);
  const [pathname = '', search] = joined.split('?');
  url.pathname = pathname;
  if (search === undefined) return url;
  for (const [name, value] of new URLSearchParams(search)) url.searchParams.set(name, value);
  return url;
}

function contentType({ headers }: UpstreamResponse): string {
  return String(headers['content-type'] ?? '').toLowerCase();
}

function isJson(response: UpstreamResponse): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(contentType(response));
}

function wholeAsStream(codec: Codec, response: UpstreamResponse): PollStream<ProviderEvent> {
  let take = (): Poll<ProviderEvent> => 'pending';
  return {
    poll: () => take(),
    async ready() {
      try {
        const events = [...toEvents(codec.decode(await response.json()))];
        take = () => {
          take = () => 'done';
          return events;
        };
      } catch (thrown) {
        take = () => {
          throw thrown;
        };
      }
    },
    cancel: response.discard,
  };
}
