import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Mode } from '../../src/core/adapter.ts';
import { request } from '../support/requests.ts';
import { signable } from '../support/signable.ts';
import { wireNamed } from '../support/wires.ts';
import { type Capture, startCapture } from './support-capture.ts';
import { type Conversation, conversations } from './support-conversations.ts';
import type { Body } from './support-witness.ts';
import { witnesses } from './support-witnesses.ts';

/** Each vendor's own SDK sends the same as this vendor's codec, apart from the differences that its support file explains. */

let capture: Capture;
beforeAll(async () => {
  capture = await startCapture();
});
afterAll(() => capture.close());

describe.each(witnesses)('the SDK of $id', ({ id, model, calls, differences, headers }) => {
  const { adapter, codecOf } = wireNamed(id);
  const occurred = new Set<string>();

  /** Our body as JSON and theirs, each after normalization of its explained differences. */
  function settle(side: 'sdk' | 'ours', body: unknown): Body {
    let settled: Body = JSON.parse(JSON.stringify(body));
    for (const { why, of, change } of differences) {
      if (of !== side) continue;
      const changed = change(settled);
      if (JSON.stringify(changed) !== JSON.stringify(settled)) occurred.add(why);
      settled = changed;
    }
    return settled;
  }

  const told = Object.keys(calls) as Conversation[];
  describe.each(told)('encodes %s like our codec', (conversation) => {
    it.each<Mode>(['whole', 'stream'])('sends what we send (%s)', async (mode) => {
      const theirs = await capture.requestOf(() => calls[conversation]?.(mode) ?? Promise.reject());
      const codec = codecOf(model(conversation));
      const ours = codec.encode(request(conversations[conversation]), mode);
      expect(settle('ours', ours.body)).toEqual(settle('sdk', theirs.body));
      expect({ method: theirs.method, url: theirs.url }).toEqual({
        method: 'POST',
        url: adapter.baseUrl + ours.path,
      });
      for (const [header, value] of Object.entries(await adapter.authorize('test-key', signable))) {
        if (headers?.[header]) expect(theirs.headers[header]).not.toBe(value);
        else expect(theirs.headers[header]).toBe(value);
      }
    });
  });

  it('has no obsolete exception', () => {
    expect([...occurred].sort()).toEqual(differences.map(({ why }) => why).sort());
  });
});
