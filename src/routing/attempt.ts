import type { EncodedRequest, Mode, OperationCodec, ProviderAdapter, StreamDecoder } from '../core/adapter.ts';
import type { ProviderEvent, Usage, Warning } from '../core/completion.ts';
import type { Target } from '../core/model.ts';
import type { AttemptObserver } from '../core/observer.ts';
import type { FetchMedia, OperationAnswer, OperationRequest } from '../core/operation.ts';
import { type Poll, type PollStream, toAsyncIterable } from '../core/poll-stream.ts';
import type { Clock, Connection, Upstream, UpstreamResponse } from '../core/ports.ts';
import { decodeBatches } from '../core/stream.ts';
import { awaitFirstContent } from './await-first-content.ts';
import { endpointUrl } from './endpoint-url.ts';
import type { KeyLease, KeyPool } from './key-pool.ts';
import { isEventStream, isJson, misplacedResponse } from './response-form.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { Session } from './session.ts';
import type { AttemptTimeouts } from './timeouts.ts';

/** One attempt: one request to one target with one key, sent and decoded. */

/** What it takes to send requests to one provider. */
export type ProviderClient = {
  readonly adapter: ProviderAdapter;
  readonly connection: Connection;
  readonly keys: KeyPool;
  readonly budget: RetryBudget;
  readonly upstream: Upstream;
  readonly fetchMedia: FetchMedia | undefined;
  readonly clock: Clock;
};

/** What is sent to a target, with any key. `mode` is the wire's: some answers come by a stream only. */
export type PreparedRequest<Request, Answer> = EncodedRequest & {
  readonly mode: Mode;
  readonly codec: OperationCodec<Request, Answer>;
};

/** One attempt, from the moment at which its target and key are chosen. */
export type AttemptContext<
  Request extends OperationRequest = OperationRequest,
  Answer extends OperationAnswer = OperationAnswer,
> = {
  readonly session: Session<Request, Answer>;
  readonly target: Target;
  readonly client: ProviderClient;
  readonly prepared: PreparedRequest<Request, Answer>;
  readonly lease: KeyLease;
  readonly observed: AttemptObserver;
  readonly startedAt: number;
  readonly timeouts: AttemptTimeouts;
};

type Accepted = { readonly status: number; readonly warnings: readonly Warning[] };

export type WholeAnswer<Answer> = Accepted & { readonly answer: Answer };

export type StreamedAnswer = Accepted & {
  /** From the first content on. */
  readonly batches: PollStream<ProviderEvent>;
  /** The usage that is known so far. */
  usage(): Usage | undefined;
};

/** Throws UNSUPPORTED_OPTION where the target cannot honour an option that changes the contract. */
export function prepare<Request extends OperationRequest, Answer extends OperationAnswer>(
  session: Pick<Session<Request, Answer>, 'operation' | 'mode' | 'request' | 'timer' | 'signal'>,
  target: Target,
  { adapter, fetchMedia }: Pick<ProviderClient, 'adapter' | 'fetchMedia'>,
): PreparedRequest<Request, Answer> | Promise<PreparedRequest<Request, Answer>> {
  const { operation, mode, request, timer } = session;
  const own = operation.withParameters(request, target);
  const codec = operation.codecFor(adapter, target, own);
  if (!fetchMedia || !operation.inlineMedia) return encode(own, target, codec, mode);
  const inlined = operation.inlineMedia(own, target, codec, fetchMedia, session.signal);
  if (!(inlined instanceof Promise)) return encode(inlined, target, codec, mode);
  return timer.during(inlined).then((complete) => encode(complete, target, codec, mode));
}

function encode<Request, Answer>(
  request: Request,
  target: Target,
  codec: OperationCodec<Request, Answer>,
  requested: Mode,
): PreparedRequest<Request, Answer> {
  const mode = codec.streamsOnly?.(request) ? 'stream' : requested;
  const encoded = codec.encode(request, mode);
  return { ...encoded, warnings: [...(target.warnings ?? []), ...encoded.warnings], mode, codec };
}

export async function fetchWhole<Request extends OperationRequest, Answer extends OperationAnswer>(
  attempt: AttemptContext<Request, Answer>,
): Promise<WholeAnswer<Answer>> {
  const { prepared, session, timeouts } = attempt;
  if (prepared.mode === 'stream') {
    const { batches, status, warnings } = await fetchStream(attempt);
    const events = (await Array.fromAsync(toAsyncIterable(batches))).flat();
    return { answer: streamingOf(session).collect(events), status, warnings };
  }
  const stopTimeout = timeouts.start('response');
  try {
    const { response, ...accepted } = await open(attempt);
    // A server that streams whatever is requested.
    if (isEventStream(response) && prepared.codec.decodeStream) {
      const events = decodeBatches(decoderOf(prepared.codec), response.events(prepared.codec.framing));
      const all = (await Array.fromAsync(toAsyncIterable(events))).flat();
      return { answer: streamingOf(session).collect(all), ...accepted };
    }
    return { answer: prepared.codec.decode(await response.json()), ...accepted };
  } finally {
    stopTimeout();
  }
}

export async function fetchStream<Request extends OperationRequest, Answer extends OperationAnswer>(
  attempt: AttemptContext<Request, Answer>,
): Promise<StreamedAnswer> {
  const { prepared, session, timeouts } = attempt;
  const { codec } = prepared;
  const stopTimeout = timeouts.start('firstContent');
  try {
    const { response, ...accepted } = await open(attempt);
    const decoder = decoderOf(codec);
    // A JSON body is an error, or the whole answer of a server that does not stream.
    const events = isJson(response)
      ? wholeAsStream(async () => streamingOf(session).toEvents(codec.decode(await response.json())), response.discard)
      : decodeBatches(decoder, response.events(codec.framing));
    const batches = await awaitFirstContent(timeouts.withIdleTimeout(events));
    return { batches, ...accepted, usage: decoder.usage };
  } finally {
    stopTimeout();
  }
}

function decoderOf(codec: OperationCodec<never, unknown>): StreamDecoder {
  const decoder = codec.decodeStream?.();
  if (!decoder) throw new Error(`${codec.wire} has no streams`);
  return decoder;
}

function streamingOf<Request extends OperationRequest, Answer extends OperationAnswer>({
  operation,
}: Session<Request, Answer>) {
  if (!operation.streaming) throw new Error(`${operation.name} has no streams`);
  return operation.streaming;
}

/** Sends the request, and again without the options that the provider refuses, as far as the codec can leave them out. */
async function open<Request extends OperationRequest, Answer extends OperationAnswer>(
  attempt: AttemptContext<Request, Answer>,
): Promise<Accepted & { readonly response: UpstreamResponse }> {
  const { client, prepared } = attempt;
  const { codec, mode } = prepared;
  // Each round sends less than the one before it, so this ends.
  for (let sent: EncodedRequest = prepared; ; ) {
    const response = await send(attempt, { ...sent, mode });
    const { status, headers } = response;
    const misplaced = misplacedResponse(client.adapter.id, response);
    if (misplaced) {
      response.discard();
      throw misplaced;
    }
    if (status >= 200 && status < 300) return { response, status, warnings: sent.warnings };
    const failure = { status, headers, body: await response.text() };
    const reduced = codec.withoutRefused?.(sent, failure);
    if (!reduced) throw codec.decodeFailure(failure);
    sent = reduced;
  }
}

async function send<Request extends OperationRequest, Answer extends OperationAnswer>(
  { session, target, client, lease, observed, timeouts }: AttemptContext<Request, Answer>,
  { path, body, mode, headers }: EncodedRequest & { readonly mode: Mode },
): Promise<UpstreamResponse> {
  const { adapter, connection, upstream, clock } = client;
  const url = endpointUrl(connection.baseUrl, path);
  const text = JSON.stringify(body);
  const secret = lease.key.secret?.reveal();
  const signable = () => ({ method: 'POST', url, body: text, date: clock.date() }) as const;
  const authorized = secret === undefined ? undefined : adapter.authorize(secret, signable);
  const authorization = authorized instanceof Promise ? await session.timer.during(authorized) : authorized;
  let isConnected = false;
  let stopConnectTimeout = () => {};
  let stopHeadersTimeout = () => {};
  try {
    const sending = upstream.send({
      provider: target.provider,
      url,
      headers: { ...headers, ...observed.headers, ...authorization },
      body: text,
      signal: timeouts.signal,
      onConnected: () => {
        isConnected = true;
        stopConnectTimeout();
        session.meter.onSent(target);
        if (mode === 'stream') stopHeadersTimeout = timeouts.start('headers');
      },
      waitTimer: session.timer.waitTimer,
    });
    // Mostly a pooled connection is free, and no timer is needed.
    if (!isConnected) stopConnectTimeout = timeouts.start('connect');
    return await sending;
  } finally {
    stopConnectTimeout();
    stopHeadersTimeout();
  }
}

function wholeAsStream(read: () => Promise<Iterable<ProviderEvent>>, cancel: () => void): PollStream<ProviderEvent> {
  let poll = (): Poll<ProviderEvent> => 'pending';
  return {
    poll: () => poll(),
    async ready() {
      try {
        const events = [...(await read())];
        poll = () => {
          poll = () => 'done';
          return events;
        };
      } catch (thrown) {
        poll = () => {
          throw thrown;
        };
      }
    },
    cancel,
  };
}
