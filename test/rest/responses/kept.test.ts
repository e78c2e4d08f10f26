import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../../support/caller-keys.ts';
import { localProvider, openGateway, type RunningGateway } from '../../support/gateway.ts';
import { type ProviderServer, sendJson, startProvider } from '../../support/provider-server.ts';

/** Answers that go on without their client, by OpenAI's own SDK. */

const web = callerKey('web');
const other = callerKey('other');
const strict = callerKey('strict', 'resume: { allow: [] }');
const chunk = (delta: object) => `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta }] })}\n\n`;
const words = ['Say', 'ing ', 'much', ' takes', ' time', '.'];
const call = (index: number, text: string, name?: string) => ({
  tool_calls: [{ index, ...(name && { id: `call_${index}`, type: 'function' }), function: { name, arguments: text } }],
});
const deltas = [
  ...['Hm', 'm.'].map((reasoning_content) => ({ reasoning_content })),
  ...words.map((content) => ({ content })),
  ...[call(0, '{"ci', 'look'), call(0, 'ty":"R"}'), call(1, '{"a"', 'find'), call(1, ':1}')],
];

/** Providers wait here, where their model is called "held". */
const release: (() => void)[] = [];
async function goOn(): Promise<void> {
  await expect.poll(() => release.length).toBe(1);
  release.shift()?.();
}

let provider: ProviderServer;
let gateway: RunningGateway;
let client: OpenAI;
beforeAll(async () => {
  provider = await startProvider(async ({ body }, response) => {
    if (body['model'] === 'refused') return sendJson(response, 400, { error: { message: 'Not this' } });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const [index, delta] of deltas.entries()) {
      response.write(chunk(delta));
      await new Promise((resolve) => setImmediate(resolve));
      if (index === 4 && body['model'] === 'held') await new Promise<void>((resolve) => release.push(resolve));
    }
    response.end(
      `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] })}\n\ndata: [DONE]\n\n`,
    );
  });
  gateway = await openGateway({ yaml: `${localProvider(provider.url)}${callersYaml(web, other, strict)}` });
  client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: web.key, maxRetries: 0 });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});

const input = { input: 'Hello' };
const failureOf = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.fail('No failure'),
    (thrown: unknown) => thrown,
  );
type Event = OpenAI.Responses.ResponseStreamEvent;

const saidBy = ({ output }: OpenAI.Responses.Response) =>
  output.map((item) => {
    if (item.type === 'message') return item.content.map((part) => (part.type === 'output_text' ? part.text : ''));
    return item.type === 'function_call' ? [item.call_id, item.arguments] : [item.type];
  });
const all = [['reasoning'], [words.join('')], ['call_0', '{"city":"R"}'], ['call_1', '{"a":1}']];

describe('an answer in the background', () => {
  it('is queued, in progress, and completed', async () => {
    const queued = await client.responses.create({ ...input, model: 'local/held', background: true });
    expect(queued).toMatchObject({ status: 'queued', background: true, output: [] });
    await expect
      .poll(async () => saidBy(await client.responses.retrieve(queued.id)))
      .toEqual([['reasoning'], [words.slice(0, 3).join('')]]);
    expect(await client.responses.retrieve(queued.id)).toMatchObject({ id: queued.id, status: 'in_progress' });
    await goOn();
    await expect.poll(async () => (await client.responses.retrieve(queued.id)).status).toBe('completed');
    expect(saidBy(await client.responses.retrieve(queued.id))).toEqual(all);
  });

  it('is cancelled, at the provider too', async () => {
    const { id } = await client.responses.create({ ...input, model: 'local/held', background: true });
    await expect.poll(async () => (await client.responses.retrieve(id)).output.length).toBe(2);
    expect(await client.responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
    await provider.requests.at(-1)?.closed;
    const { status, output } = await client.responses.retrieve(id);
    expect([status, output.length]).toEqual(['cancelled', 1]);
    await goOn();
  });

  it('that failed says so when it is fetched', async () => {
    const { id } = await client.responses.create({ ...input, model: 'local/refused', background: true });
    await expect.poll(async () => (await client.responses.retrieve(id)).status).toBe('failed');
    expect(await client.responses.retrieve(id)).toMatchObject({
      error: { message: expect.stringContaining('Not this') },
    });
  });

  it('is forgotten on request', async () => {
    const { id } = await client.responses.create({ ...input, model: 'local/quick', background: true });
    await client.responses.delete(id);
    expect(await failureOf(client.responses.retrieve(id))).toBeInstanceOf(OpenAI.NotFoundError);
    expect(await failureOf(client.responses.delete(id))).toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('belongs to its caller', async () => {
    const { id } = await client.responses.create({ ...input, model: 'local/quick', background: true });
    const stranger = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: other.key, maxRetries: 0 });
    for (const asked of [
      stranger.responses.retrieve(id),
      stranger.responses.cancel(id),
      stranger.responses.delete(id),
    ]) {
      expect(await failureOf(asked)).toBeInstanceOf(OpenAI.NotFoundError);
    }
    expect(await client.responses.retrieve(id)).toMatchObject({ id });
  });

  it('is refused at once where it is wrong or not allowed', async () => {
    const limited = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: strict.key, maxRetries: 0 });
    const asked = { ...input, model: 'local/quick', background: true };
    expect(await failureOf(limited.responses.create(asked))).toMatchObject({ status: 400, param: 'background' });
    expect(await failureOf(client.responses.create({ ...asked, temperature: 9 }))).toMatchObject({ status: 400 });
    expect(await failureOf(client.responses.create({ ...asked, model: 'nobody/x' }))).toMatchObject({ status: 404 });
  });

  it('is the same for a request that is repeated with its id', async () => {
    const asked = { ...input, model: 'local/quick', background: true, request_id: 'once' };
    const [first, second] = [await client.responses.create(asked), await client.responses.create(asked)];
    expect(second.id).toBe(first.id);
  });
});

describe('a stream in the background', () => {
  it('goes on after any of its events, however it was cut', async () => {
    const live: Event[] = [];
    const stream = await client.responses.create({ ...input, model: 'local/quick', background: true, stream: true });
    for await (const event of stream) live.push(event);
    const { response } = live[0] as { response: OpenAI.Responses.Response };
    const numbers = live.map(({ sequence_number }) => sequence_number);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(saidBy((live.at(-1) as { response: OpenAI.Responses.Response }).response)).toEqual(all);
    for (const [index, { sequence_number: starting_after }] of live.entries()) {
      const rest = await client.responses.retrieve(response.id, { stream: true, starting_after });
      const both = [...live.slice(0, index + 1), ...(await Array.fromAsync(rest))];
      expect(folded(both), `after ${starting_after}`).toEqual(folded(live));
    }
  });

  it('is followed while it runs, after its client was gone', async () => {
    const stream = await client.responses.create({ ...input, model: 'local/held', background: true, stream: true });
    const before: Event[] = [];
    for await (const event of stream) {
      before.push(event);
      if (event.type === 'response.output_text.delta') break;
    }
    const { response } = before[0] as { response: OpenAI.Responses.Response };
    const starting_after = before.at(-1)?.sequence_number ?? 0;
    const rest = await client.responses.retrieve(response.id, { stream: true, starting_after });
    await goOn();
    const events = await Array.fromAsync(rest);
    expect((events.at(-1) as { response: OpenAI.Responses.Response }).response.status).toBe('completed');
    expect(folded([...before, ...events])['response.output_text.delta']).toBe(words.join(''));
  });

  /** Texts of deltas, and all other events without numbers. */
  function folded(events: readonly Event[]): Record<string, unknown> {
    const texts: Record<string, string> = {};
    const others: object[] = [];
    for (const { sequence_number: _, ...event } of events) {
      if ('delta' in event) texts[event.type] = (texts[event.type] ?? '') + event.delta;
      else others.push(event);
    }
    return { ...texts, others };
  }
});
