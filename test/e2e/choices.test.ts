import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import {
  openAiAnswer,
  openAiStream,
  type ProviderServer,
  sendJson,
  sendStream,
  startProvider,
} from '../support/provider-server.ts';

/** `n` choices of one REST request, which are as many calls. */

let provider: ProviderServer;
let gateway: RunningGateway;
let client: OpenAI;
let count = 0;
let failing = Number.POSITIVE_INFINITY;
const open = new Set<object>();
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    const at = count++;
    open.add(response);
    response.once('close', () => open.delete(response));
    if (at === failing) return sendJson(response, 400, { error: { message: 'No' } });
    // With one that fails, the others take their time.
    if (failing < 9) return undefined;
    if (body['stream'] === true) return sendStream(response, openAiStream([`${at} `, 'done']));
    return sendJson(response, 200, openAiAnswer(`${at} done`));
  });
  gateway = await openGateway({
    yaml: `providers:\n  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }\nprices:\n  local/x: { input: 1, output: 2, asOf: 2026-01-01 }\n`,
  });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'none', maxRetries: 0 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const ask = { model: 'local/x', messages: [{ role: 'user' as const, content: 'Hello' }], n: 3 };

describe('three choices', () => {
  it('come whole, with one bill', async () => {
    count = 0;
    const { choices, usage, ...rest } = await client.chat.completions.create(ask);
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(choices.map(({ message }) => message.content).sort()).toEqual(['0 done', '1 done', '2 done']);
    expect(usage).toMatchObject({ prompt_tokens: 15, completion_tokens: 6, total_tokens: 21 });
    expect(rest).toMatchObject({ x_parley: { cost: { total: 27e-6 }, attempts: [{}, {}, {}] } });
  });

  it('come as one stream, with one id, one bill and one end', async () => {
    count = 0;
    const texts = ['', '', ''];
    const ids = new Set<string>();
    const ends: string[] = [];
    let usage: unknown;
    const options = { include_usage: true };
    for await (const chunk of await client.chat.completions.create({ ...ask, stream: true, stream_options: options })) {
      ids.add(chunk.id);
      usage = chunk.usage ?? usage;
      for (const { index, delta, finish_reason } of chunk.choices) {
        texts[index] += delta.content ?? '';
        if (finish_reason) ends.push(`${index} ${finish_reason}`);
      }
    }
    expect(texts.sort()).toEqual(['0 done', '1 done', '2 done']);
    expect(ids.size).toBe(1);
    expect(ends.sort()).toEqual(['0 stop', '1 stop', '2 stop']);
    expect(usage).toMatchObject({ total_tokens: 21 });
  });

  it.each([false, true])('fail together, and stop the providers of the others (stream: %s)', async (stream) => {
    count = 0;
    failing = 1;
    const failed = client.chat.completions.create({ ...ask, stream });
    await expect(failed).rejects.toMatchObject({ status: 400, code: 'upstream_rejected' });
    await expect.poll(() => open.size).toBe(0);
    failing = Number.POSITIVE_INFINITY;
  });

  it('have an idempotency key each', async () => {
    const body = { ...ask, request_id: 'once' } as typeof ask;
    await client.chat.completions.create(body);
    await expect(client.chat.completions.create(body)).rejects.toMatchObject({ status: 409 });
  });
});
