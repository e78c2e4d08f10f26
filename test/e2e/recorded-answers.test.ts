import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Api } from '../../src/core/model.ts';
import { type Fixture, readFixtures } from '../support/fixtures.ts';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { chat, type StreamEvent, streamed } from '../support/graphql-client.ts';
import { type ProviderServer, startProvider } from '../support/provider-server.ts';
import { allOn, wireNamed } from '../support/wires.ts';

/** The main path with real input: the real program, between the standard clients and recorded provider answers. */

const fixtures = readFixtures();
const answers = fixtures.filter(({ kind, failure }) => kind !== 'error' && failure === undefined);

describe.skipIf(fixtures.length === 0)('through the gateway (skipped where ../shared/fixtures is absent)', () => {
  let provider: ProviderServer;
  /** One gateway sends every provider with two wires Chat Completions, the other Responses. */
  let gateway: GatewayProcess;
  let responsesGateway: GatewayProcess;

  beforeAll(async () => {
    provider = await startProvider(({ path, body }, response) => {
      // The requested model names the recording.
      const asked = `${body['model']} ${decodeURIComponent(path)}`;
      const fixture = fixtures.find(({ file }) => asked.includes(file));
      const type = fixture?.kind === 'stream' ? 'text/event-stream' : 'application/json';
      response.writeHead(fixture?.status ?? 404, { 'content-type': type }).end(fixture?.bytes);
    });
    const providers = [...new Set(fixtures.map((fixture) => fixture.provider.toUpperCase()))];
    const env = Object.fromEntries(
      providers.flatMap((name) => [
        [`${name}_API_KEY`, 'test-key'],
        [`${name}_BASE_URL`, provider.url],
      ]),
    );
    const holdingTo = (api: Api) => startGateway({ env, yaml: `providers:\n${allOn(api)}` });
    [gateway, responsesGateway] = await Promise.all([holdingTo('chat-completions'), holdingTo('responses')]);
  });

  function urlFor({ wire }: Fixture): string {
    return (wireNamed(wire).api === 'responses' ? responsesGateway : gateway).url;
  }

  afterAll(async () => {
    await Promise.all([gateway.stop(), responsesGateway.stop()]);
    await provider.close();
  });

  it.each(answers.filter(({ kind }) => kind === 'whole'))('$file, whole', async (fixture) => {
    const answer = await chat(urlFor(fixture), inputFor(fixture));
    expect(answer).toMatchObject({ __typename: 'Completion', provider: fixture.provider, isSandbox: false });
    expect(summaryOf([answer], fixture)).toEqual(expectedOf(fixture));
  });

  it.each(answers.filter(({ kind }) => kind === 'stream'))('$file, streamed', async (fixture) => {
    const events = await streamed(urlFor(fixture), inputFor(fixture));
    expect(events[0]).toMatchObject({ __typename: 'CompletionStarted', provider: fixture.provider, isSandbox: false });
    expect(events.at(-1)?.__typename).toBe('CompletionFinished');
    expect(summaryOf(events, fixture)).toEqual(expectedOf(fixture));
  });

  it.each(fixtures.filter(({ kind }) => kind === 'error'))('$file, as a failure with its reason', async (fixture) => {
    const code = fixture.status === 429 ? 'UPSTREAM_RATE_LIMITED' : 'UPSTREAM_REJECTED';
    expect(await chat(urlFor(fixture), inputFor(fixture))).toMatchObject({
      __typename: 'ChatFailure',
      code,
      message: expect.stringContaining(fixture.message),
      attempts: [{ provider: fixture.provider, code, status: fixture.status }],
    });
  });
});

function inputFor({ provider, file }: Fixture) {
  return { provider, model: file, messages: [{ role: 'USER', content: 'Hello' }] };
}

function expectedOf({ text, reasoning, finishReason, usage, toolCalls }: Fixture) {
  return { text, reasoning, finishReason: finishReason.toUpperCase(), usage, toolCalls };
}

function summaryOf(events: readonly StreamEvent[], fixture: Fixture) {
  const join = (type: string, field: string) =>
    events
      .map((event) => (event.__typename === type || event.__typename === 'Completion' ? (event[field] ?? '') : ''))
      .join('');
  const last = events.at(-1);
  const usage = last?.['usage'] as Record<string, number> | null;
  return {
    text: excerptOf(join('ContentDelta', 'text'), fixture.text.start),
    reasoning: excerptOf(
      last?.__typename === 'Completion' ? String(last['reasoning'] ?? '') : join('ReasoningDelta', 'text'),
      fixture.reasoning.start,
    ),
    finishReason: last?.['finishReason'],
    usage: usage
      ? {
          input: usage['inputTokens'],
          output: usage['outputTokens'],
          total: usage['totalTokens'],
          cached: usage['cacheReadInputTokens'] ?? 0,
          written: usage['cacheWriteInputTokens'] ?? 0,
          reasoning: usage['reasoningOutputTokens'] ?? 0,
        }
      : undefined,
    toolCalls: callsOf(events),
  };
}

function excerptOf(text: string, start: string) {
  return { start: text.slice(0, start.length), length: [...text].length };
}

function callsOf(events: readonly StreamEvent[]) {
  const calls = new Map<unknown, { name: unknown; json: string }>();
  for (const event of events) {
    if (event.__typename === 'ToolCallDelta') {
      const { index, name, argumentsDelta } = event;
      calls.set(index, { name, json: (calls.get(index)?.json ?? '') + argumentsDelta });
    }
    for (const [index, call] of ((event['toolCalls'] as Record<string, string>[]) ?? []).entries()) {
      calls.set(index, { name: call['name'], json: call['arguments'] ?? '' });
    }
  }
  return [...calls.values()].map(({ name, json }) => ({ name, arguments: JSON.parse(json) }));
}
