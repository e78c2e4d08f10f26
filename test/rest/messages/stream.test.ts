import Anthropic from '@anthropic-ai/sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatEvent } from '../../../src/core/completion.ts';
import { GatewayError } from '../../../src/core/errors.ts';
import { withoutCall } from '../../../src/core/gateway.ts';
import type { MessagesCall } from '../../../src/rest/messages/decode.ts';
import { createMessagesNames } from '../../../src/rest/messages/field-names.ts';
import { createMessageRenderer } from '../../../src/rest/messages/render-stream.ts';
import { callDeltas, content, finished, started } from '../../support/answer-events.ts';

/** Streams of Anthropic's events, judged by the parser of Anthropic's own SDK and by their documented order. */

const call: MessagesCall = { input: {}, isStream: true, n: 1, warnings: [], fieldNames: createMessagesNames([]) };
function render(batches: readonly (readonly ChatEvent[])[]): string {
  const renderer = createMessageRenderer(call, 'id-1');
  return batches.map((batch) => renderer.render(batch)).join('');
}

/** The message that Anthropic's SDK makes of the bytes. */
function fold(bytes: string): Promise<Anthropic.Message> {
  const answer = async () => new Response(bytes, { headers: { 'content-type': 'text/event-stream' } });
  const client = new Anthropic({ apiKey: 'any', maxRetries: 0, fetch: answer });
  return client.messages
    .stream({ model: 'm-2', max_tokens: 10, messages: [{ role: 'user', content: 'Hello' }] })
    .finalMessage();
}

type Block = { readonly index: number; readonly type: string };

/** Throws where the events are not in the documented order. */
function readBlocks(bytes: string): readonly Block[] {
  const events = bytes.split('\n\n').slice(0, -1);
  const told = events.map((event) => {
    const [, name, json = ''] = /^event: (\w+)\ndata: ([^\r\n]*)$/.exec(event) ?? [];
    const data = JSON.parse(json);
    expect(data.type).toBe(name);
    return data;
  });
  expect(told[0].type).toBe('message_start');
  expect(told.slice(-2).map(({ type }) => type)).toEqual(['message_delta', 'message_stop']);
  const blocks: Block[] = [];
  let open: number | undefined;
  for (const { type, index, content_block: block } of told.slice(1, -2)) {
    if (type === 'content_block_start') {
      expect([open, index]).toEqual([undefined, blocks.length]);
      open = index;
      blocks.push({ index, type: block.type });
    } else if (type === 'content_block_stop') {
      expect(index).toBe(open);
      open = undefined;
    } else expect([type, index]).toEqual(['content_block_delta', open]);
  }
  expect(open).toBeUndefined();
  return blocks;
}

describe('a stream in Anthropic’s form', () => {
  it('is what the model wrote, in the documented order', async () => {
    await fc.assert(
      fc.asyncProperty(content, async ({ texts, calls, pieceChars, isInterleaved, providerState }) => {
        const deltas = [...texts, ...callDeltas(calls, pieceChars, isInterleaved)];
        const bytes = render([[started], deltas, [{ ...finished, providerState }]]);
        readBlocks(bytes);
        const message = await fold(bytes);
        const join = (type: 'content' | 'reasoning') =>
          texts
            .filter((one) => one.type === type)
            .map((one) => one.text)
            .join('');
        const said = message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
        const thought = message.content.map((block) => (block.type === 'thinking' ? block.thinking : '')).join('');
        const uses = message.content.filter((block) => block.type === 'tool_use');
        expect([said, thought]).toEqual([join('content'), join('reasoning')]);
        expect(uses.map(({ id, name, input }) => ({ id, name, input }))).toEqual(
          calls.map(({ name, arguments: input }, index) => ({ id: `c${index}`, name, input })),
        );
        const states = message.content.flatMap((block) => (block.type === 'redacted_thinking' ? [block.data] : []));
        expect(states).toEqual(providerState === undefined ? [] : [providerState]);
        expect(message).toMatchObject({
          id: 'msg_1',
          stop_reason: 'end_turn',
          usage: { input_tokens: 4, output_tokens: 2, cache_read_input_tokens: 3, cache_creation_input_tokens: 2 },
        });
      }),
      { numRuns: 200 },
    );
  });

  it('has the signatures of Anthropic’s blocks where they end, and no further state', async () => {
    const thought = (text: string): ChatEvent => ({ type: 'reasoning', text });
    const bytes = render([
      [started, thought('Hm'), { type: 'reasoning', text: '', seal: { signature: 's1' } }],
      [
        { type: 'reasoning', text: '', seal: { data: 'd1' } },
        { type: 'content', text: 'Hi' },
      ],
      [{ type: 'reasoning', text: '', seal: { signature: 's2' } }],
      [{ ...finished, providerState: 'eyJwcm92aWRlciI6ImFudGhyb3BpYyJ9' }],
    ]);
    readBlocks(bytes);
    expect((await fold(bytes)).content).toMatchObject([
      { type: 'thinking', thinking: 'Hm', signature: 's1' },
      { type: 'redacted_thinking', data: 'd1' },
      { type: 'text', text: 'Hi' },
      { type: 'thinking', thinking: '', signature: 's2' },
    ]);
  });

  it('that breaks throws in the SDK, and tells that a retry helps', async () => {
    const failure = withoutCall(new GatewayError('UPSTREAM_TRUNCATED', 'The stream of acme ended without its end.'));
    const bytes = render([[started, { type: 'content', text: 'Hel' }], [{ type: 'failed', ...failure }]]);
    const broken = await fold(bytes).catch((thrown: unknown) => thrown);
    expect(broken).toBeInstanceOf(Anthropic.APIError);
    expect((broken as InstanceType<typeof Anthropic.APIError>).error).toMatchObject({
      type: 'error',
      error: { type: 'api_error', x_parley: { code: 'UPSTREAM_TRUNCATED', retryable: true } },
    });
    expect(bytes).not.toContain('message_stop');
  });

  it('has the words of a refusal, and why the answer ended', async () => {
    const refused = { ...finished, finishReason: 'content_filter', refusal: 'No.' } as const;
    const message = await fold(render([[started], [refused]]));
    expect(message).toMatchObject({
      content: [{ type: 'text', text: 'No.' }],
      stop_reason: 'refusal',
      stop_details: { type: 'refusal', explanation: 'No.' },
    });
  });
});
