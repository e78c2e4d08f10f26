import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, type RunningGateway } from '../support/gateway.ts';
import { send } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/** Fields of a provider's own API: in GraphQL by provider, in REST where the provider speaks OpenAI's. */

const app = callerKey('app');
const closed = callerKey('closed', 'allowProviderOptions: false');

let provider: ProviderServer;
let gateway: RunningGateway;
let asked: Record<string, unknown>[] = [];
beforeAll(async () => {
  provider = await startProvider(({ body }, response) => {
    asked.push(body);
    sendJson(response, 200, openAiAnswer('Hi'));
  });
  gateway = await openGateway({
    yaml: `providers:\n  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1" }
${callersYaml(app, closed)}`,
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await provider.close();
});
beforeEach(() => {
  asked = [];
});

const document =
  'query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { text warnings { option } } ... on ChatFailure { code issues { path message } } } }';
async function ask(more: object, key = app.key) {
  const input = { model: 'local/x', messages: [{ role: 'USER', content: 'Hello' }], ...more };
  return (await send(gateway.url, { query: document, variables: { input } }, key)).data?.['chat'];
}

async function complete(more: object, key = app.key) {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'local/x', messages: [{ role: 'user', content: 'Hello' }], ...more }),
  });
  return (await response.json()) as { x_parley: { warnings: { option: string }[] } };
}

describe('providerOptions', () => {
  it('are merged into the body after everything else', async () => {
    const own = { top_a: 0.5, temperature: 0.25, tools: [{ type: 'mcp' }], response_format: { strictness: 'high' } };
    const more = { temperature: 1, tools: [{ name: 'f' }], responseFormat: { jsonObject: true } };
    await ask({ ...more, providerOptions: { local: own, other: { left: 'alone' } } });
    expect(asked[0]).toMatchObject({
      model: 'x',
      top_a: 0.5,
      temperature: 0.25,
      tools: [{ type: 'function' }, { type: 'mcp' }],
      response_format: { type: 'json_object', strictness: 'high' },
    });
    expect(JSON.stringify(asked[0])).not.toContain('alone');
  });

  it.each(['model', 'messages', 'stream', 'n', 'api_key', 'authorization', 'store', 'previous_response_id', 'input'])(
    'refuse %s by name, for whichever provider',
    async (field) => {
      expect(await ask({ providerOptions: { google: { [field]: 'x' } } })).toMatchObject({
        code: 'INVALID_REQUEST',
        issues: [{ path: `providerOptions.google.${field}` }],
      });
      expect(asked).toEqual([]);
    },
  );

  it('reach no prototype', async () => {
    const raw = `{"query":${JSON.stringify(document)},"variables":{"input":{"model":"local/x","messages":[{"role":"USER","content":"Hi"}],"providerOptions":{"local":{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":1}}}}}}}}`;
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${app.key}` };
    await fetch(`${gateway.url}/graphql`, { method: 'POST', headers, body: raw });
    expect(JSON.stringify(asked[0])).not.toContain('polluted');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('are refused for a caller that may not send them', async () => {
    expect(await ask({ providerOptions: { local: { a: 1 } } }, closed.key)).toMatchObject({
      code: 'INVALID_REQUEST',
      issues: [{ path: 'providerOptions', message: expect.stringContaining('allowProviderOptions') }],
    });
    expect(asked).toEqual([]);
  });
});

describe('fields of OpenAI that the gateway does not know', () => {
  const fields = { moderation: { mode: 'low' }, prediction: { type: 'content', content: 'x' } };

  it('go to a provider whose API is OpenAI’s', async () => {
    const answer = await complete({ ...fields, made_up: 1 });
    expect(asked[0]).toMatchObject(fields);
    expect(asked[0]).not.toHaveProperty('made_up');
    expect(answer.x_parley.warnings).toMatchObject([{ option: 'made_up' }]);
  });

  it('are named in warnings for a caller that may send none', async () => {
    const answer = await complete(fields, closed.key);
    expect(asked[0]).not.toHaveProperty('moderation');
    expect(answer.x_parley.warnings.map(({ option }) => option)).toEqual(['moderation', 'prediction']);
  });
});
