import { describe, expect, it } from 'vitest';
import { anonymous } from '../../src/core/caller.ts';
import { toAsyncIterable } from '../../src/core/poll-stream.ts';
import { createBulkhead } from '../../src/routing/concurrency.ts';
import { hello, openMemoryGateway, outcomeOf, policy, settled } from '../support/memory-gateway.ts';
import { openAiStream } from '../support/provider-server.ts';

const input = { model: 'acme/test', messages: hello };
const options = { caller: anonymous, signal: new AbortController().signal };
const shutDown = { code: 'SHUTTING_DOWN', retryable: true, retryAfterMs: 1_000 };

/** A stream whose provider sends its first content and then stays silent. */
async function openStream(parts: Parameters<typeof openMemoryGateway>[0] = {}) {
  const bulkhead = createBulkhead();
  const memory = openMemoryGateway({
    ...parts,
    answer: () => ({
      stream: [
        ...openAiStream(['word'])
          .split(/(?<=\n\n)/)
          .slice(0, 2),
        'stall',
      ],
    }),
    parts: { bulkhead, ...parts.parts },
  });
  const stream = toAsyncIterable(await memory.gateway.stream(input, options));
  return { ...memory, openCalls: bulkhead, stream };
}

describe('calls of a gateway that shuts down', () => {
  it('are refused when they are new, and continue when they run', async () => {
    const { gateway, openCalls, sent, stream } = await openStream();
    openCalls.close();
    expect(await outcomeOf(gateway, input)).toMatchObject({ code: 'SHUTTING_DOWN', attempts: [] });
    await expect(gateway.stream(input, options)).rejects.toMatchObject({ failure: { error: shutDown } });
    expect(sent).toHaveLength(1);
    expect((await stream.next()).value).toMatchObject([{ type: 'started' }, { type: 'content', text: 'word' }]);
  });

  it('end with their terminal event at the deadline, read or not', async () => {
    const { openCalls, clock, stream } = await openStream();
    await stream.next();
    const last = stream.next();
    openCalls.abortAll();
    expect((await last).value).toMatchObject([
      { type: 'failed', error: shutDown, attempts: [{ code: 'SHUTTING_DOWN' }] },
    ]);
    expect(await stream.next()).toMatchObject({ done: true });
    expect(clock.waiting).toBe(0);
  });

  it('keep their terminal event for a slow reader', async () => {
    const { openCalls, clock, stream } = await openStream();
    const first = await stream.next();
    openCalls.abortAll();
    await settled();
    expect(clock.waiting).toBe(0);
    expect(first.value).toMatchObject([{ type: 'started' }, { type: 'content' }]);
    expect((await stream.next()).value).toMatchObject([{ type: 'failed', error: shutDown }]);
    expect(await stream.next()).toMatchObject({ done: true });
  });

  it('do so too where the timeout of the call itself has passed', async () => {
    const timeouts = { ...policy.timeouts, totalMs: 1_000 };
    const { pass, stream } = await openStream({ parts: { timeouts } });
    await stream.next();
    await pass(1_000);
    expect((await stream.next()).value).toMatchObject([{ type: 'failed', error: { code: 'UPSTREAM_TIMEOUT' } }]);
  });

  it('do not count as failures of the provider', async () => {
    const breaker = { ...policy.breaker, failures: 1 };
    const { gateway, openCalls, stream } = await openStream({ parts: { breaker } });
    openCalls.abortAll();
    await Array.fromAsync(stream);
    expect(gateway.health({ id: 'acme', name: 'acme', access: 'real' })).toMatchObject({ status: 'ready' });
  });

  it('are not retried during a backoff', async () => {
    const bulkhead = createBulkhead();
    const memory = openMemoryGateway({ answer: () => ({ status: 503 }), parts: { bulkhead } });
    const outcome = outcomeOf(memory.gateway, input);
    await settled();
    bulkhead.abortAll();
    expect(await outcome).toMatchObject({ code: 'SHUTTING_DOWN', attempts: ['acme/test UPSTREAM_OVERLOADED 503'] });
    expect(memory.clock.waiting).toBe(0);
  });

  it('end although they were not sent yet', async () => {
    const bulkhead = createBulkhead();
    const held = Promise.withResolvers<() => void>();
    const idempotency = { claim: () => held.promise };
    const { gateway, sent } = openMemoryGateway({ parts: { bulkhead, idempotency } });
    const outcome = outcomeOf(gateway, { ...input, requestId: 'r-1' });
    await settled();
    bulkhead.abortAll();
    held.resolve(() => {});
    expect(await outcome).toMatchObject({ code: 'SHUTTING_DOWN', attempts: ['acme/test SHUTTING_DOWN'] });
    expect(sent).toHaveLength(0);
  });
});
