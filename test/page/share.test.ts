import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { noSettings, readSettings } from '../../src/page/client/chat-settings.ts';
import { noDraft } from '../../src/page/client/draft.ts';
import { fromLink, mostLinkChars, toLink } from '../../src/page/client/share.ts';

beforeAll(() => void vi.stubGlobal('location', { origin: 'http://parley.example', hash: '' }));
afterAll(() => void vi.unstubAllGlobals());

const fragmentOf = (link: string) => new URL(link).hash;
const linkOf = (value: unknown) => `#share=${deflateRawSync(JSON.stringify(value)).toString('base64url')}`;
const text = fc.string({ unit: 'grapheme', maxLength: 50 });

describe('a link to a conversation', () => {
  it('carries its texts and options, whatever they are', async () => {
    const turn = fc.tuple(fc.constantFrom('USER' as const, 'ASSISTANT' as const), text);
    await fc.assert(
      fc.asyncProperty(text, text, fc.array(turn, { maxLength: 5 }), async (model, system, turns) => {
        const settings = { ...noSettings, model, system };
        const messages = turns.map(([role, said], index) => ({
          ...{ id: String(index), role, text: said, attachments: [{ image: { url: 'data:image/png;base64,AAAA' } }] },
          ...{ reasoning: 'a thought', toolCalls: [], files: [] },
        }));
        const shared = await fromLink(fragmentOf(await toLink({ tab: 'chat', settings, messages })));
        expect(shared).toMatchObject({
          tab: 'chat',
          settings,
          messages: turns.map(([role, said]) => ({ role, text: said })),
        });
        expect(JSON.stringify(shared)).not.toMatch(/a thought|base64/);
      }),
      { numRuns: 50 },
    );
  });

  it('sends nothing: all of it is behind the #', async () => {
    const link = await toLink({ tab: 'compare', draft: { ...noDraft, prompt: 'A secret plan' } });
    expect(link).toMatch(/^http:\/\/parley\.example\/#share=[\w-]+$/);
    expect(await fromLink(fragmentOf(link))).toMatchObject({ draft: { prompt: 'A secret plan', models: [] } });
  });

  it.each([
    ['nothing', '#share='],
    ['no base64', '#share=%%%'],
    ['no deflate', '#share=AAAA'],
    ['no JSON', `#share=${deflateRawSync('{').toString('base64url')}`],
    ['null', linkOf(null)],
    ['messages that are none', linkOf({ tab: 'chat', messages: [null] })],
    ['too many characters', `#share=${'A'.repeat(mostLinkChars)}`],
    ['a small bomb', linkOf({ tab: 'chat', settings: { system: 'A'.repeat(3_000_000) } })],
  ])('is broken with %s', async (_name, hash) => {
    expect(await fromLink(hash)).toBeUndefined();
  });

  it('takes texts only, and fields that it knows', async () => {
    const hostile = {
      tab: 'chat',
      settings: { model: { a: 1 }, system: 'x', parley: 'y', __proto__: 1 },
      messages: [['ADMIN', 5]],
    };
    expect(await fromLink(linkOf(hostile))).toEqual({
      tab: 'chat',
      settings: { ...noSettings, system: 'x' },
      messages: [expect.objectContaining({ role: 'ASSISTANT', text: '5' })],
    });
  });
});

describe('the options of a conversation', () => {
  it.each([
    ['tools', '[{]', /^Tools \(JSON\): this is not JSON/],
    ['tools', '[1]', /each tool is an object with a “name”/],
    ['tools', '{"description":"no name"}', /each tool is an object with a “name”/],
    ['schema', '[]', /^Answer schema \(JSON\): expected an object/],
    ['temperature', 'warm', /^Temperature: expected a number/],
  ])('say what is wrong with %s %s', (field, typed, problem) => {
    expect(readSettings({ ...noSettings, [field]: typed })).toEqual({ problem: expect.stringMatching(problem) });
  });

  it('answer calls of tools with a result, and ask for others', () => {
    const tools = '[{ "name": "a", "result": null }, { "name": "b", "parameters": { "type": "object" } }]';
    const read = readSettings({ ...noSettings, tools });
    if ('problem' in read) expect.fail(read.problem);
    expect(read.tools['a']?.execute?.({}, { signal: AbortSignal.timeout(1) })).toBe(null);
    expect(read.tools['b']).toEqual({ description: '', parameters: { type: 'object' } });
  });
});
