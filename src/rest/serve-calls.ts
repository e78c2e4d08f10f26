import type { ServerResponse } from 'node:http';
import type { ChatEvent } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import type { CallOptions } from '../core/gateway.ts';
import type { JsonObject } from '../core/json-object.ts';
import type { ResumedStream } from '../core/kept-streams.ts';
import { forEachBatch, type PollStream } from '../core/poll-stream.ts';
import { joinAnswers, togetherWith } from '../core/together.ts';
import { createEventStream } from '../http/event-stream.ts';
import type { HeaderFields } from '../http/headers.ts';
import { sendJson } from '../http/send-json.ts';
import type { Api, ApiCall, Given, RestParts } from './api.ts';
import { createCallRoute, toFailure } from './call-route.ts';
import { callOf } from './choices.ts';
import type { RestHandler } from './route.ts';
import { toHeaders, toTimingHeaders, toWarningHeader } from './x-parley.ts';

/** How long the status line is held back: until then a failure can have a status of its own. */
const firstHeartbeatMs = 10_000;

/** Serves the calls of one API: decode, call the gateway, render. */
export function serveCalls<Call extends ApiCall>(api: Api<Call>, parts: RestParts): RestHandler {
  const { gateway, clock, heartbeatMs } = parts;
  const heartbeat = { clock, heartbeatMs, firstHeartbeatMs };

  async function whole(
    call: Call,
    options: CallOptions,
    rateLimitStatus: () => HeaderFields,
    response: ServerResponse,
  ): Promise<void> {
    const { values: completions } = await all(call, options, (input, own) => gateway.chat(input, own));
    const completion = joinAnswers(completions);
    const warnings = api.toWarnings(call, completion);
    sendJson(response, 200, api.toBody(call, completions, completion, warnings), {
      ...rateLimitStatus(),
      ...toHeaders(completion, warnings),
      'x-parley-attempts': String(completion.attempts.length),
      'x-parley-latency-ms': String(completion.latencyMs),
      ...toTimingHeaders(completion),
    });
  }

  /** Answers as soon as the request is admitted. The keeper of streams reads what comes. */
  async function leave(
    call: Call,
    toBody: (streamId: string) => object,
    options: CallOptions,
    rateLimitStatus: () => HeaderFields,
    response: ServerResponse,
  ): Promise<void> {
    const admitted = Promise.withResolvers<undefined>();
    const onAdmitted = () => {
      options.onAdmitted?.();
      admitted.resolve(undefined);
    };
    const opened = gateway.stream(call.input, { ...options, onAdmitted }).then(async (stream) => {
      const streamId = await streamIdOf(stream);
      stream.cancel();
      return streamId;
    });
    // A failure from here on is fetched like an answer.
    opened.catch(() => {});
    const known = await Promise.race([opened, admitted.promise]);
    sendJson(response, 200, toBody(known ?? options.callId ?? ''), rateLimitStatus());
  }

  /**
   * The status line waits for the first content, so that a failure before it has its own status, but not longer than
   * `firstHeartbeatMs`.
   */
  async function stream(
    given: Given<Call> & { readonly call: Call },
    options: CallOptions,
    rateLimitStatus: () => HeaderFields,
    response: ServerResponse,
  ): Promise<void> {
    const { call } = given;
    const events = createEventStream(response, heartbeat, () => ({
      ...rateLimitStatus(),
      ...toWarningHeader(call.warnings),
    }));
    try {
      const { values: answers, stop } = await all(call, options, (input, own) => gateway.stream(input, own));
      const sent = answers.map((answer) => ('head' in answer ? (answer as ResumedStream) : undefined));
      const renderer = api.openStream(call, sent, given.id);
      const written = answers.map((answer, index) =>
        forEachBatch(answer, (batch) => {
          const text = renderer.render(index, batch);
          // The other choices are of no use without it.
          if (renderer.isFailed()) stop(new GatewayError('CANCELLED', 'Another choice of this request failed.'));
          return events.write(text, headersOf(batch));
        }),
      );
      await Promise.all(written);
      events.end();
    } catch (thrown) {
      if (!events.isOpen()) throw thrown;
      await events.write(api.toFailureEvent(toFailure(thrown), given));
      events.end();
    } finally {
      events.stop();
    }
  }

  /** As many calls as there are choices, stopped together when one of them fails. */
  async function all<T>(
    call: Call,
    options: CallOptions,
    ask: (input: JsonObject, options: CallOptions) => Promise<T>,
  ): Promise<{ readonly values: [T, ...T[]]; readonly stop: (reason: GatewayError) => void }> {
    if (call.n === 1) return { values: [await ask(call.input, options)], stop: () => {} };
    const together = togetherWith(options);
    const asked = Array.from({ length: call.n }, (_, index) => ask(callOf(call, index), together.options));
    try {
      return { values: (await Promise.all(asked)) as [T, ...T[]], stop: together.stop };
    } catch (thrown) {
      together.stop(new GatewayError('CANCELLED', 'Another choice of this request failed.'));
      await Promise.allSettled(asked);
      throw thrown;
    }
  }

  return createCallRoute(api, parts, ({ given, options, rateLimitStatus }, response) => {
    const { call } = given;
    if (call.isStream) return stream(given, options, rateLimitStatus, response);
    const created = clock.date();
    const toBody = (streamId: string) => api.toPending?.(call, streamId, created);
    return toBody('')
      ? leave(call, (streamId) => toBody(streamId) ?? {}, options, rateLimitStatus, response)
      : whole(call, options, rateLimitStatus, response);
  });
}

/** Of a stream whose first content is there. */
async function streamIdOf(stream: PollStream<ChatEvent>): Promise<string | undefined> {
  for (let batch = stream.poll(); batch !== 'done'; batch = stream.poll()) {
    if (batch === 'pending') await stream.ready();
    else if (batch[0]?.type === 'started') return batch[0].streamId;
  }
  return undefined;
}

/** `x-parley-stream-id` is for streams that can be resumed. */
function headersOf([first]: readonly ChatEvent[]): HeaderFields {
  if (first?.type !== 'started') return {};
  const { timeToFirstTokenMs: latencyMs, overheadMs, streamId, cursor } = first;
  return {
    ...toHeaders(first, []),
    ...toTimingHeaders({ latencyMs, overheadMs }),
    ...(cursor !== undefined && { 'x-parley-stream-id': streamId }),
  };
}
