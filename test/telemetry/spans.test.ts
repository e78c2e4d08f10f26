import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { chat, streamed } from '../support/graphql-client.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/** A real SDK, as an operator installs it; the test reads what it exports. */
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;
const messages = [{ role: 'USER', content: 'canary-prompt' }];

let server: ProviderServer;
let gateway: RunningGateway;
let propagating: RunningGateway;
beforeAll(async () => {
  provider.register();
  server = await startProvider(({ body }, response) => {
    if (body['model'] === 'bad') return sendJson(response, 500, { error: { message: 'canary-answer' } });
    if (body['stream']) return sendStream(response, openAiStream(['canary-answer']));
    sendJson(response, 200, openAiAnswer('canary-answer'));
  });
  gateway = await openGateway({ yaml: localProvider(server.url) });
  propagating = await openGateway({ yaml: localProvider(server.url, 'traces: { propagate: true }\n') });
});
afterEach(() => exporter.reset());
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await propagating[Symbol.asyncDispose]();
  await server.close();
  await provider.shutdown();
  // Other files run in this process after this one.
  for (const api of [trace, context, propagation]) api.disable();
});

function ask(url: string, headers: Record<string, string>, document?: string): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({
      query: document ?? 'query Compare($input: ChatInput!) { chat(input: $input) { __typename } }',
      variables: { input: { model: 'local/a', messages } },
    }),
  });
}

const spans = () => exporter.getFinishedSpans();
const spanOf = (kind: SpanKind) => spans().find((span) => span.kind === kind);

describe('spans', () => {
  it('are one for a call, with its usage, and a child for each attempt', async () => {
    await chat(gateway.url, { model: 'local/bad', fallbacks: ['local/a'], messages });
    const [failed, answered, call] = spans();
    expect(call).toMatchObject({
      name: 'chat bad',
      kind: SpanKind.INTERNAL,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'local',
        // The requested model, though a fallback answered.
        'gen_ai.request.model': 'bad',
        'gen_ai.response.model': 'test',
        'gen_ai.response.id': 'chatcmpl-t',
        'gen_ai.response.finish_reasons': ['stop'],
        'gen_ai.request.stream': false,
        'gen_ai.usage.input_tokens': 5,
        'gen_ai.usage.output_tokens': 2,
        'parley.caller': 'anonymous',
        'parley.face': 'graphql',
        'parley.attempts': 2,
      },
    });
    const parent = call?.spanContext().spanId;
    expect([failed, answered]).toMatchObject([
      {
        kind: SpanKind.CLIENT,
        parentSpanContext: { spanId: parent },
        status: { code: SpanStatusCode.ERROR },
        attributes: { 'gen_ai.request.model': 'bad', 'error.type': 'UPSTREAM_ERROR', 'http.response.status_code': 500 },
      },
      {
        kind: SpanKind.CLIENT,
        parentSpanContext: { spanId: parent },
        status: { code: SpanStatusCode.UNSET },
        attributes: { 'gen_ai.request.model': 'a', 'gen_ai.response.model': 'test', 'http.response.status_code': 200 },
      },
    ]);
    expect(spans()).toHaveLength(3);
  });

  it('of a stream have the time of its first content', async () => {
    await streamed(gateway.url, { model: 'local/a', messages });
    const call = spanOf(SpanKind.INTERNAL);
    expect(call?.events.map(({ name }) => name)).toEqual(['first content']);
    expect(call?.attributes).toMatchObject({ 'gen_ai.request.stream': true });
    expect(call?.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThanOrEqual(0);
  });

  it("belong to the caller's trace, and name the operation", async () => {
    await (await ask(gateway.url, { traceparent, tracestate: 'vendor=1' })).text();
    const call = spanOf(SpanKind.INTERNAL);
    expect(call?.spanContext()).toMatchObject({ traceId });
    expect(call?.spanContext().traceState?.serialize()).toBe('vendor=1');
    expect(call?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
    expect(call?.attributes).toMatchObject({ 'graphql.operation.name': 'Compare' });
  });

  it('belong to it on the REST face too', async () => {
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent },
      body: JSON.stringify({ model: 'local/a', messages: [{ role: 'user', content: 'canary-prompt' }] }),
    });
    await answer.text();
    expect(spanOf(SpanKind.INTERNAL)?.spanContext().traceId).toBe(traceId);
    expect(spanOf(SpanKind.INTERNAL)?.attributes).toMatchObject({ 'parley.face': 'rest' });
  });

  it.each(['nonsense', `${traceparent}, ${traceparent}`])('begin a trace of their own for %s', async (sent) => {
    await (await ask(gateway.url, { traceparent: sent })).text();
    const call = spanOf(SpanKind.INTERNAL);
    expect(call?.parentSpanContext).toBeUndefined();
    expect(call?.spanContext().traceId).not.toBe(traceId);
  });

  it('are propagated to the provider only if configured, and baggage never', async () => {
    const sent = async ({ url }: RunningGateway) => {
      await (await ask(url, { traceparent, tracestate: 'vendor=1', baggage: 'canary=1' })).text();
      return server.requests.at(-1)?.headers;
    };
    const silent = await sent(gateway);
    expect([silent?.['traceparent'], silent?.['tracestate'], silent?.['baggage']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    exporter.reset();
    const told = await sent(propagating);
    const attempt = spanOf(SpanKind.CLIENT)?.spanContext();
    expect(told?.['traceparent']).toBe(`00-${traceId}-${attempt?.spanId}-01`);
    expect([told?.['tracestate'], told?.['baggage']]).toEqual(['vendor=1', undefined]);
  });

  it('of a refused call have no attempt, and the reason', async () => {
    await chat(gateway.url, { model: 'nobody/x', messages });
    expect(spans()).toMatchObject([
      { attributes: { 'error.type': 'UNKNOWN_PROVIDER' }, status: { code: SpanStatusCode.ERROR } },
    ]);
  });

  it('contain no content', async () => {
    await chat(gateway.url, { model: 'local/bad', fallbacks: ['local/a'], messages });
    await streamed(gateway.url, { model: 'local/a', messages });
    const told = JSON.stringify(
      spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
    );
    expect(told).not.toContain('canary');
  });
});
