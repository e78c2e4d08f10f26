import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FaultName, type FaultRequest, faults, startFaultServer } from '../support/fault-server.ts';
import { openGateway } from '../support/gateway.ts';
import { chat, streamed } from '../support/graphql-client.ts';

/** Laws that hold for any provider behaviour: generated scripts of faults for up to three targets with up to three keys. */

const totalMs = 1500;
const impatience = `timeouts: { connectMs: 100, headersMs: 150, responseMs: 250, firstContentMs: 200, idleMs: 120, keepAliveOnlyMs: 250, totalMs: ${totalMs} }
retries: { max: 2, baseMs: 20, maxMs: 40, maxRetryAfterMs: 300 }
`;

/** The behaviour of each key of each target, request by request. */
type Script = readonly (readonly (readonly FaultName[])[])[];

const names = Object.keys(faults) as FaultName[];
// Enough successes, so that not all calls fail.
const fault = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...names) },
  { weight: 1, arbitrary: fc.constant<FaultName>('answer') },
);
const script: fc.Arbitrary<Script> = fc.array(
  fc.array(fc.array(fault, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  { minLength: 1, maxLength: 3 },
);

async function openScript(made: Script) {
  const opened = new AsyncDisposableStack();
  /** In order of arrival, over all targets. */
  const requests: { readonly target: string; readonly fault: FaultName }[] = [];
  const env: Record<string, string> = {};
  const providers: string[] = [];
  const servers = [];
  for (const [index, keys] of made.entries()) {
    const target = `t${index}`;
    const asked = new Map<string, number>();
    const server = await startFaultServer((request: FaultRequest) => {
      const does = keys[Number(request.key.split('-')[1])] ?? [];
      const nth = asked.get(request.key) ?? 0;
      asked.set(request.key, nth + 1);
      const next = does[Math.min(nth, does.length - 1)] ?? 'answer';
      requests.push({ target, fault: next });
      return faults[next](request);
    });
    servers.push(opened.use(server));
    env[`KEYS_${index}`] = keys.map((_, key) => `key-${key}`).join(',');
    providers.push(`  ${target}: { kind: openai-compatible, baseUrl: "${server.url}/v1", apiKeyEnv: KEYS_${index} }`);
  }
  const gateway = opened.use(await openGateway({ yaml: `${impatience}providers:\n${providers.join('\n')}\n`, env }));
  const [model, ...fallbacks] = made.map((_, index) => `t${index}/m`);
  const input = { model, fallbacks, messages: [{ role: 'USER', content: 'Hello' }] };
  return { gateway, input, requests, servers, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** Faults after the first content: the target that produced one is the last that was tried. */
const late: readonly FaultName[] = names.filter((name) => name.endsWith('after two pieces'));

describe('for any provider behaviour', () => {
  it('a stream has one terminal event in time, content of one provider, and leaves no connection open', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (made) => {
        await using targets = await openScript(made);
        const startedAt = performance.now();
        const events = await streamed(targets.gateway.url, targets.input);
        expect(performance.now() - startedAt).toBeLessThan(totalMs + 1000);

        const types = events.map(({ __typename }) => __typename);
        const ends = types.filter((type) => type === 'CompletionFinished' || type === 'CompletionFailed');
        expect(ends).toEqual([types.at(-1)]);
        if (types.length > 1) expect(types.filter((type) => type === 'CompletionStarted')).toEqual([types[0]]);

        const text = events.map((event) => event['text'] ?? '').join('');
        expect(['', 'Hello', 'Hello!']).toContain(text);
        expect(text === 'Hello!').toBe(ends[0] === 'CompletionFinished');
        const last = targets.requests.at(-1);
        const spoke = targets.requests.filter(({ fault: done }) => done === 'answer' || late.includes(done));
        expect(spoke).toEqual(text === '' ? [] : [last]);
        if (text !== '') expect(events[0]?.['provider']).toBe(last?.target);

        await Promise.all(targets.servers.map((server) => server.allClosed()));
      }),
      { numRuns: 60, endOnFailure: true },
    );
  }, 120_000);

  it('a whole answer arrives in time or fails, is from one provider, and leaves no connection open', async () => {
    await fc.assert(
      fc.asyncProperty(script, async (made) => {
        await using targets = await openScript(made);
        const startedAt = performance.now();
        const answer = await chat(targets.gateway.url, targets.input);
        expect(performance.now() - startedAt).toBeLessThan(totalMs + 1000);

        const attempts = answer['attempts'] as { provider: string; code: string | null }[];
        const answered = attempts.filter(({ code }) => code === null);
        if (answer.__typename === 'Completion') {
          expect(answer['text']).toBe('Hello!');
          expect(answered).toEqual([attempts.at(-1)]);
          expect(answer['provider']).toBe(targets.requests.at(-1)?.target);
        } else {
          expect(answered).toEqual([]);
        }
        await Promise.all(targets.servers.map((server) => server.allClosed()));
      }),
      { numRuns: 40, endOnFailure: true },
    );
  }, 120_000);
});
