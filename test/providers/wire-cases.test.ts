import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { streamed, chat as wholeAnswer } from '../support/graphql-client.ts';
import { type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** Answers and requests that were once read or written wrongly, by path: other inputs of the same kinds are in stream-calls and sound-answers. */

type Call = { readonly id: string; readonly name: string; readonly arguments: string };
type Case = {
  readonly id: string;
  readonly model: string;
  readonly kind?: 'request' | 'two-step';
  readonly whole?: unknown;
  readonly wholeText?: string;
  readonly stream?: string;
  readonly error?: { readonly status: number; readonly body: unknown };
  readonly gzipError?: { readonly status: number; readonly body: unknown };
  readonly input?: object;
  readonly first?: { readonly input: { readonly messages: readonly object[] }; readonly whole: unknown };
  readonly then?: { readonly more: readonly object[] };
  readonly expect?: Readonly<Record<string, unknown>>;
};

const folder = fileURLToPath(new URL('../../../shared/cases/wires/', import.meta.url));
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
const cases = names.map((name): Case => JSON.parse(readFileSync(folder + name, 'utf8')));

// Expected content of request bodies, by the id of the case. A body is the text that was sent.
const requests: Readonly<Record<string, (text: string) => void>> = {
  'anthropic-schema-open-objects': (text) => {
    expect(text).toContain('"additionalProperties":false');
    expect(text).not.toMatch(/"additionalProperties":(true|\{)/);
  },
  'anthropic-tool-id-pattern': (text) => {
    const [, use = ''] = /"type":"tool_use","id":"([^"]*)"/.exec(text) ?? [];
    const [, result] = /"tool_use_id":"([^"]*)"/.exec(text) ?? [];
    expect(use).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(result).toBe(use);
  },
  'big-integers-in-requests': (text) => expect(text).toContain('1234567890123456789'),
  'google-ref-in-tool-result': (text) => expect(text).not.toMatch(/"\$ref":/),
  'google-same-id-wrong-name': (text) => {
    const results = [...text.matchAll(/"functionResponse":\{(?:"id":"[^"]*",)?"name":"(\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(results).toEqual(['look', 'read']);
  },
  'google-schema-ref-siblings': (text) => expect(text).toContain('{"$ref":"#/$defs/A"}'),
  'qwen3-hybrid-whole': (text) => expect(text).toMatch(/"stream":true|"enable_thinking":false/),
  'anthropic-thinking-order': (text) => {
    const { messages } = JSON.parse(text);
    const types = messages[1].content.map(({ type }: { type: string }) => type);
    expect(types).toEqual(['thinking', 'tool_use', 'thinking', 'tool_use']);
  },
  'deepseek-final-answer-of-tool-turn': (text) => {
    const { messages } = JSON.parse(text);
    expect(messages[3]).toMatchObject({ content: 'It is 7.', reasoning_content: 'it says 7' });
    expect(messages[1]).toMatchObject({ reasoning_content: 'need look' });
  },
};

const hello = [{ role: 'USER', content: 'Hello' }];

describe.skipIf(cases.length === 0)('cases beside the repository (../shared/cases/wires)', () => {
  let provider: ProviderServer;
  let gateway: RunningGateway;
  let answer: Case = { id: '', model: '' };

  beforeAll(async () => {
    provider = await startProvider((_request, response) => {
      const { whole, wholeText, stream, error, gzipError } = answer;
      if (stream !== undefined) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        return void response.end(stream.replace(/<<(\d+)>>/g, (_, count) => 'x'.repeat(Number(count))));
      }
      if (gzipError) {
        response.writeHead(gzipError.status, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
        return void response.end(gzipSync(JSON.stringify(gzipError.body)));
      }
      if (error) return sendJson(response, error.status, error.body as object);
      response.writeHead(200, { 'content-type': 'application/json' });
      return void response.end(wholeText ?? JSON.stringify(whole ?? {}));
    });
    const custom = (name: string, api: string) =>
      `  ${name}: { kind: openai-compatible, baseUrl: "${provider.url}/v1", api: ${api} }\n`;
    const env = Object.fromEntries(
      ['ANTHROPIC', 'GOOGLE', 'GEMINI', 'QWEN', 'DASHSCOPE', 'DEEPSEEK'].flatMap((name) => [
        [`${name}_API_KEY`, 'key'],
        [`${name}_BASE_URL`, provider.url],
      ]),
    );
    gateway = await openGateway({
      yaml: `retries: { max: 0 }\nbreaker: { failures: 1000 }\nproviders:\n${custom('oai', 'chat-completions')}${custom('resp', 'responses')}`,
      env,
    });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await provider.close();
  });

  const chat = (model: string, input: object): Promise<Readonly<Record<string, unknown>>> =>
    wholeAnswer(gateway.url, { messages: hello, ...input, model });

  async function stream(model: string): Promise<Readonly<Record<string, unknown>>> {
    const events = await streamed(gateway.url, { model, messages: hello });
    const text = events.map((event) => (event.__typename === 'ContentDelta' ? event['text'] : '')).join('');
    const calls: Call[] = [];
    for (const event of events) {
      if (event.__typename !== 'ToolCallDelta') continue;
      const { index, id, name, argumentsDelta } = event as unknown as Call & { index: number; argumentsDelta: string };
      calls[index] = { id, name, arguments: (calls[index]?.arguments ?? '') + argumentsDelta };
    }
    return { ...events.at(-1), text, toolCalls: calls };
  }

  function check(seen: Readonly<Record<string, unknown>>, wanted: Case['expect']): void {
    const { citationUrls, noControlCharsInMessage, ...fields } = wanted ?? {};
    expect(seen).toMatchObject(fields);
    if (citationUrls) {
      expect((seen['citations'] as { url: string }[]).map(({ url }) => url)).toEqual(citationUrls);
    }
    if (noControlCharsInMessage) {
      expect(seen).toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED', message: expect.stringMatching(/^[\x20-\x7e]+$/) });
    }
    const ids = ((seen['toolCalls'] ?? []) as Call[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  }

  it.each(cases.filter(({ kind }) => kind === undefined))('$id', async (one) => {
    answer = one;
    if (one.stream === undefined || one.error || one.gzipError) check(await chat(one.model, {}), one.expect);
    else {
      check(await stream(one.model), one.expect);
      // A whole request that is answered by a stream.
      check(await chat(one.model, {}), one.expect);
    }
  });

  it.each(cases.filter(({ kind }) => kind !== undefined))('$id', async (one) => {
    const before = provider.requests.length;
    answer = one.first ? { ...one, whole: one.first.whole } : one;
    const first = await chat(one.model, one.first?.input ?? one.input ?? {});
    if (one.first && one.then) {
      const { text, toolCalls, providerState } = first;
      const { more, ...rest } = one.then;
      const said = { role: 'ASSISTANT', content: text, toolCalls, providerState };
      await chat(one.model, { ...rest, messages: [...one.first.input.messages, said, ...more] });
    }
    expect(provider.requests.length - before).toBe(one.first ? 2 : 1);
    requests[one.id]?.(provider.requests.at(-1)?.text ?? '');
    expect(requests[one.id]).toBeDefined();
  });
});
