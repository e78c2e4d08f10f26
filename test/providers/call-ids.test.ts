import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../src/core/collect.ts';
import { parseExactJson } from '../../src/core/json.ts';
import type { Message } from '../../src/core/message.ts';
import { callIdRules, withCallIds } from '../../src/providers/call-ids.ts';
import { request } from '../support/requests.ts';
import { wireNamed, wires } from '../support/wires.ts';

/** A conversation that began with one provider continues with another: ids fit, are unique, and pair calls with results. */

const ids = fc.oneof(
  fc.constantFrom('call_0', 'functions.look:0', 'toolu_01A09q90qw90lq917835lq9', 'a b', 'é', 'x'.repeat(90)),
  fc.stringMatching(/^[a-zA-Z0-9]{9}$/),
);
const turns = fc.array(fc.array(ids, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });

function conversation(all: readonly (readonly string[])[]): Message[] {
  return all.flatMap((calls, turn): Message[] => [
    { role: 'user', parts: [{ type: 'text', text: 'q' }] },
    {
      role: 'assistant',
      text: '',
      toolCalls: calls.map((id, index) => ({ id, name: `f${turn}_${index}`, arguments: '{}' })),
      providerState: undefined,
    },
    ...calls.map((id, index): Message => ({ role: 'tool', toolCallId: id, text: `r${turn}_${index}` })),
  ]);
}

describe.each(Object.entries(callIdRules))('ids for %s', (_name, rule) => {
  it('fit, are unique, and pair calls with their results in order', () => {
    fc.assert(
      fc.property(turns, (all) => {
        const messages = withCallIds(conversation(all), rule);
        const calls = messages.flatMap((message) => (message.role === 'assistant' ? message.toolCalls : []));
        const results = messages.flatMap((message) => (message.role === 'tool' ? [message] : []));
        expect(calls.filter(({ id }) => !rule.fits.test(id))).toEqual([]);
        expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
        const paired = results.map(({ toolCallId, text }) => [calls.find(({ id }) => id === toolCallId)?.name, text]);
        expect(paired).toEqual(calls.map(({ name }) => [name, name.replace('f', 'r')]));
      }),
    );
  });

  it('stay the same when the conversation goes on', () => {
    fc.assert(
      fc.property(turns, turns, (before, after) => {
        const first = conversation(before);
        const next = withCallIds([...first, ...conversation(after)], rule);
        // Ids that arrive later and fit are reserved, which may move a replacement; others stay.
        const fitting = new Set(after.flat().filter((id) => rule.fits.test(id)));
        if (fitting.size === 0) expect(next.slice(0, first.length)).toEqual(withCallIds(first, rule));
      }),
    );
  });
});

describe.each(wires.filter(({ adapter }) => adapter.id !== 'perplexity'))('$name', ({ codec, target }) => {
  it('accepts the ids, of calls of any provider', () => {
    const calls = ['functions.look:0', 'call_0', 'call_0', 'x'.repeat(90)];
    const given = {
      tools: [{ name: 'look' }],
      messages: [
        { role: 'user', content: 'q' },
        {
          role: 'assistant',
          toolCalls: calls.map((id) => ({ id, name: 'look', arguments: '{"n":12345678901234567890}' })),
        },
        ...calls.map((toolCallId) => ({ role: 'tool', toolCallId, content: 'r' })),
      ],
    };
    const body = JSON.stringify(codec.encode(request(given), 'whole').body);
    // Digits beyond 2^53, in an object or in a text.
    expect(body).toContain('12345678901234567890');
    // Google and Cohere take any id.
    if (!['google', 'cohere'].includes(target.provider)) expect(body).not.toContain('x'.repeat(90));
  });
});

describe('integers beyond 2^53 in the arguments of an answer', () => {
  const digits = '1234567890123456789';
  const bodies: Readonly<Record<string, string>> = {
    openai: `{"id":"c","choices":[{"index":0,"message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"n":${digits}}}}]},"finish_reason":"tool_calls"}]}`,
    anthropic: `{"type":"message","content":[{"type":"tool_use","id":"a","name":"f","input":{"n":${digits}}}],"stop_reason":"tool_use"}`,
    google: `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"n":${digits}}}}]},"finishReason":"STOP"}]}`,
    cohere: `{"id":"c","message":{"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"n":${digits}}}}]},"finish_reason":"TOOL_CALL"}`,
    'openai-responses': `{"object":"response","status":"completed","output":[{"type":"function_call","call_id":"a","name":"f","arguments":{"n":${digits}}}]}`,
  };

  it.each(Object.entries(bodies))('keep their digits: %s', (wire, body) => {
    const { codec } = wireNamed(wire);
    const expected = [{ name: 'f', arguments: `{"n":${digits}}` }];
    expect(codec.decode(parseExactJson(body)).toolCalls).toMatchObject(expected);
    const decoder = codec.decodeStream();
    const events = [...decoder.push({ event: undefined, data: body })];
    const rest = events.some(({ type }) => type === 'finished') ? [] : decoder.end();
    expect(collect([...events, ...rest]).toolCalls).toMatchObject(expected);
  });
});
