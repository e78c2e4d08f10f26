import { describe, expect, it } from 'vitest';
import { parseEmbedRequest } from '../../src/core/embed.ts';
import { embedOperation } from '../../src/routing/embed-operation.ts';

/** Images by URL in a request for embeddings. */

const target = { provider: 'acme', model: 'm', facts: undefined };
const { signal } = new AbortController();
const fetchMedia = async ({ url }: { readonly url: string }) =>
  `data:image/png;base64,${Buffer.from(url).toString('base64')}`;
const withImages = (count: number) =>
  parseEmbedRequest({
    model: 'acme/m',
    items: Array.from({ length: count }, (_, index) => ({
      parts: [{ text: 'A cat' }, { image: { url: `https://example.com/${index}.png` } }],
    })),
  });
const inline = (count: number, dataOnly: readonly 'image'[]) =>
  embedOperation.inlineMedia?.(withImages(count), target, { dataOnly }, fetchMedia, signal);

describe('images by URL', () => {
  it('are sent as data where the wire takes nothing else', async () => {
    const { input } = (await inline(2, ['image'])) ?? {};
    expect(input).toMatchObject(
      [0, 1].map((index) => {
        const data = Buffer.from(`https://example.com/${index}.png`).toString('base64');
        return [{ text: 'A cat' }, { type: 'image', url: `data:image/png;base64,${data}` }];
      }),
    );
  });

  it('are not fetched for models of texts alone, and at most ten of them', async () => {
    expect(await inline(2, [])).toMatchObject({
      input: [
        [{}, { url: 'https://example.com/0.png' }],
        [{}, {}],
      ],
    });
    expect(() => inline(11, ['image'])).toThrow(/at most 10 remote images/);
  });
});
