import fc from 'fast-check';
import OpenAI from 'openai';
import type { Response as ModelResponse } from 'openai/resources/responses/responses';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { withoutCall } from '../../../src/core/gateway.ts';
import { decodeResponsesCall } from '../../../src/rest/responses/decode.ts';
import { createResponseRenderer } from '../../../src/rest/responses/render-stream.ts';
import { callDeltas, content, finished, started } from '../../support/answer-events.ts';

/** Streams of the Responses API, judged by the accumulator of OpenAI's own SDK. */

const call = decodeResponsesCall({ model: 'acme/m-2', input: 'Hello', stream: true });

function render(batches: readonly (readonly ChatEvent[])[]): string {
  const renderer = createResponseRenderer(call);
  return batches.map((batch) => renderer.render(batch)).join('');
}

function clientOf(bytes: string): OpenAI {
  const answer = async () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } });
  return new OpenAI({ apiKey: 'any', maxRetries: 0, fetch: answer });
}

const fold = (bytes: string): Promise<ModelResponse> =>
  clientOf(bytes).responses.stream({ model: 'm-2', input: 'Hello' }).finalResponse();

type Told = { readonly type: string; readonly sequence_number: number; readonly response?: ModelResponse };

function readEvents(bytes: string): readonly Told[] {
  return bytes
    .split('\n\n')
    .slice(0, -1)
    .map((event) => {
      const [, name, json = ''] = /^event: ([\w.]+)\ndata: ([^\r\n]*)$/.exec(event) ?? [];
      const data = JSON.parse(json);
      expect(data.type).toBe(name);
      return data;
    });
}

describe('a stream of the Responses API', () => {
  it('is what the model wrote, numbered, and its deltas are the response at its end', async () => {
    await fc.assert(
      fc.asyncProperty(content, async ({ texts, calls, pieceChars, isInterleaved, providerState }) => {
        const deltas = [...texts, ...callDeltas(calls, pieceChars, isInterleaved)];
        const bytes = render([[started], deltas, [{ ...finished, providerState }]]);
        const events = readEvents(bytes);
        expect(events.map(({ sequence_number: number }) => number)).toEqual([...events.keys()]);
        expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['response.created', 'response.in_progress']);
        expect(events.at(-1)?.type).toBe('response.completed');
        const response = await fold(bytes);
        const join = (type: 'content' | 'reasoning') =>
          texts
            .filter((one) => one.type === type)
            .map((one) => one.text)
            .join('');
        const thoughts = response.output.filter((item) => item.type === 'reasoning');
        expect(response.output_text).toBe(join('content'));
        expect(thoughts.flatMap(({ summary }) => summary.map(({ text }) => text)).join('')).toBe(join('reasoning'));
        const states = thoughts.flatMap(({ encrypted_content: state }) => (state ? [state] : []));
        expect(states).toEqual(providerState === undefined ? [] : [providerState]);
        const made = response.output.filter((item) => item.type === 'function_call');
        expect(made.map(({ call_id, name, arguments: json }) => [call_id, name, JSON.parse(json)])).toEqual(
          calls.map(({ name, arguments: input }, index) => [`c${index}`, name, input]),
        );
        // What the SDK made of the deltas is what the last event says.
        const { output } = events.at(-1)?.response ?? { output: [] };
        expect(response.output).toMatchObject(output);
        expect(response.usage).toMatchObject({
          input_tokens: 9,
          output_tokens: 2,
          total_tokens: 11,
          input_tokens_details: { cached_tokens: 3 },
        });
      }),
      { numRuns: 200 },
    );
  });

  it('that breaks throws in the SDK, and tells that a retry helps', async () => {
    const failure = withoutCall(new GatewayError('UPSTREAM_TRUNCATED', 'The stream of acme ended without its end.'));
    const bytes = render([[started, { type: 'content', text: 'Hel' }], [{ type: 'failed', ...failure }]]);
    const events = readEvents(bytes);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['response.failed', 'error']);
    expect(events.at(-2)?.response).toMatchObject({ status: 'failed', error: { code: 'upstream_truncated' } });
    const stream = await clientOf(bytes).responses.create({ model: 'm-2', input: 'Hello', stream: true });
    const broken = await Array.fromAsync(stream).catch((thrown: unknown) => thrown);
    expect(broken).toBeInstanceOf(OpenAI.APIError);
    expect((broken as InstanceType<typeof OpenAI.APIError>).error).toMatchObject({
      type: 'server_error',
      x_parley: { code: 'UPSTREAM_TRUNCATED', retryable: true },
    });
  });

  it.each([
    [{ finishReason: 'length' }, { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }],
    [{ finishReason: 'content_filter' }, { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }],
    [{ finishReason: 'error' }, { status: 'failed', error: { code: 'server_error' } }],
    [
      { finishReason: 'content_filter', refusal: 'No.' },
      { status: 'completed', output: [{ content: [{ type: 'refusal', refusal: 'No.' }] }] },
    ],
  ] as const)('ends with why it ended: %o', async (ending, told) => {
    expect(await fold(render([[started], [{ ...finished, ...ending }]]))).toMatchObject(told);
  });
});
