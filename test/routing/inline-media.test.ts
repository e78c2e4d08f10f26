import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/core/errors.ts';
import type { Target } from '../../src/core/model.ts';
import type { FetchMedia } from '../../src/core/operation.ts';
import { google } from '../../src/providers/google/adapter.ts';
import { builtInProviders } from '../../src/providers/registry.ts';
import { prepare } from '../../src/routing/attempt.ts';
import { chatOperation } from '../../src/routing/chat-operation.ts';
import { withInlineMedia } from '../../src/routing/inline-media.ts';
import { createOverheadTimer } from '../../src/routing/overhead-timer.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { request } from '../support/requests.ts';

const target: Target = { provider: 'google', model: 'gemini-9', facts: undefined };
const { signal } = new AbortController();
const inline = 'data:image/png;base64,AAAA';

function asking(...urls: string[]) {
  const parts = [{ text: 'What is this?' }, ...urls.map((url) => ({ image: { url } }))];
  return request({ messages: [{ role: 'user', parts }] });
}

function fetcher(): FetchMedia & { readonly asked: string[] } {
  const asked: string[] = [];
  const fetchMedia = async ({ url }: { url: string }) => {
    asked.push(url);
    return `data:image/png;base64,${Buffer.from(url).toString('base64')}`;
  };
  return Object.assign(fetchMedia, { asked });
}

describe('remote images', () => {
  it('are inlined as data, each fetched once, and the rest is unchanged', async () => {
    const fetchMedia = fetcher();
    const urls = ['https://a.example/1', inline, 'https://b.example/2', 'https://a.example/1'];
    const given = asking(...urls);
    const { messages, ...rest } = await withInlineMedia(given, target, ['image'], fetchMedia, signal);
    expect(fetchMedia.asked).toEqual(['https://a.example/1', 'https://b.example/2']);
    const expected = urls.map((url) =>
      url === inline ? inline : `data:image/png;base64,${Buffer.from(url).toString('base64')}`,
    );
    expect(messages).toMatchObject([
      { role: 'user', parts: [{ text: 'What is this?' }, ...expected.map((url) => ({ type: 'image', url }))] },
    ]);
    expect({ ...rest, messages: given.messages }).toEqual(given);
  });

  it('are not fetched where there are none', async () => {
    const given = asking(inline);
    expect(await withInlineMedia(given, target, ['image'], fetcher(), signal)).toBe(given);
  });

  it('are not fetched for a model without vision', async () => {
    const blind: Target = {
      ...target,
      facts: { provider: 'x', name: 'x', inputModalities: ['text'], status: 'active' },
    };
    const fetchMedia = fetcher();
    await withInlineMedia(asking('https://a.example/1'), blind, ['image'], fetchMedia, signal);
    expect(fetchMedia.asked).toEqual([]);
  });

  it('are refused when there are too many', async () => {
    const urls = Array.from({ length: 11 }, (_, index) => `https://a.example/${index}`);
    const failed = withInlineMedia(asking(...urls), target, ['image'], fetcher(), signal);
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_REQUEST', issues: [{ path: 'messages' }] });
  });

  it('are all cancelled when one fails', async () => {
    const stopped: string[] = [];
    const fetchMedia: FetchMedia = async ({ url }, either) => {
      if (url.endsWith('/bad')) throw new GatewayError('INVALID_REQUEST', 'The image at a.example answers HTTP 404.');
      either.addEventListener('abort', () => stopped.push(url));
      return await new Promise(() => {});
    };
    const failed = withInlineMedia(
      asking('https://a.example/1', 'https://a.example/bad'),
      target,
      ['image'],
      fetchMedia,
      signal,
    );
    await expect(failed).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ path: 'messages', message: 'The image at a.example answers HTTP 404.' }],
    });
    expect(stopped).toEqual(['https://a.example/1']);
  });
});

describe('the request', () => {
  /** The body that would be sent. */
  async function bodyFor(provider: string, fetchMedia: FetchMedia | undefined): Promise<string> {
    const adapter = builtInProviders.find(({ id }) => id === provider) ?? google;
    const { body } = await prepare(
      {
        operation: chatOperation,
        mode: 'whole',
        request: asking('https://a.example/1'),
        signal,
        timer: createOverheadTimer(createFakeClock()),
      },
      { ...target, provider },
      { adapter, fetchMedia },
    );
    return JSON.stringify(body);
  }

  it('has a fetched image for a provider that takes no addresses', async () => {
    expect(await bodyFor('google', fetcher())).toContain('"mimeType":"image/png"');
  });

  it('is refused with a remote image there while fetching is off', async () => {
    await expect(bodyFor('google', undefined)).rejects.toMatchObject({ code: 'UNSUPPORTED_OPTION' });
  });

  it('keeps the address for a provider that takes it', async () => {
    const fetchMedia = fetcher();
    expect(await bodyFor('openai', fetchMedia)).toContain('https://a.example/1');
    expect(fetchMedia.asked).toEqual([]);
  });
});
