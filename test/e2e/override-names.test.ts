import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localProvider, openGateway, type RunningGateway } from '../support/gateway.ts';
import { send } from '../support/graphql-client.ts';
import { openAiAnswer, type ProviderServer, sendJson, startProvider } from '../support/provider-server.ts';

/**
 * Callers choose neither the address of a request nor its key. Other gateways have sent their keys to an address from the right
 * field of a request; these are such field names, tried at every depth of what a face accepts.
 */

const names = [
  'api_base',
  'apiBase',
  'api_url',
  'apiUrl',
  'base_url',
  'baseUrl',
  'baseURL',
  'base_path',
  'basePath',
  'endpoint',
  'api_endpoint',
  'azure_endpoint',
  'azureEndpoint',
  'host',
  'custom_host',
  'customHost',
  'hostname',
  'origin',
  'url',
  'uri',
  'proxy',
  'proxy_url',
  'http_proxy',
  'https_proxy',
  'upstream',
  'upstream_url',
  'target',
  'target_url',
  'forward_to',
  'server_url',
  'extra_headers',
  'extraHeaders',
  'headers',
  'default_headers',
  'api_key',
  'apiKey',
  'authorization',
  'organization',
  'extra_body',
  'litellm_params',
] as const;

const canary = 'canary-key-of-the-gateway';

let provider: ProviderServer;
/** Addresses that an obedient gateway would connect to. */
let trap: ProviderServer;
let gateway: RunningGateway;
beforeAll(async () => {
  provider = await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Hi')));
  trap = await startProvider((_request, response) => sendJson(response, 200, openAiAnswer('Caught')));
  gateway = await openGateway({
    yaml: localProvider(provider.url).replace('}', ', apiKeyEnv: LOCAL_KEY }'),
    env: { LOCAL_KEY: canary },
  });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await Promise.all([provider.close(), trap.close()]);
});

type Place = {
  /** The face's expected reaction to the field there. */
  readonly outcome: 'refused' | 'left out' | 'passed on as data';
  /** A request with the field in that place. */
  send(field: object): Promise<string>;
};

const user = { role: 'USER', content: 'Hello' };
async function ask(more: object): Promise<string> {
  const query =
    'query ($input: ChatInput!) { chat(input: $input) { __typename ... on Completion { text } ... on ChatFailure { code } } }';
  return JSON.stringify(
    await send(gateway.url, { query, variables: { input: { model: 'local/x', messages: [user], ...more } } }),
  );
}

/** As a literal in GraphQL syntax. */
const toLiteral = (field: object): string =>
  JSON.stringify(field)
    .replace(/"(\w+)":/g, '$1:')
    .slice(1, -1);

const graphql: Record<string, Place> = {
  'the input': { outcome: 'refused', send: (field) => ask(field) },
  'a message': { outcome: 'refused', send: (field) => ask({ messages: [{ ...user, ...field }] }) },
  'a tool call of a message': {
    outcome: 'refused',
    send: (field) => {
      const call = { id: 'c1', name: 'a', arguments: '{}' };
      return ask({ messages: [user, { role: 'ASSISTANT', toolCalls: [{ ...call, ...field }] }] });
    },
  },
  'the document': {
    outcome: 'refused',
    send: async (field) =>
      JSON.stringify(
        await send(gateway.url, {
          query: `{ chat(input: { model: "local/x", messages: [{ role: USER, content: "x" }], ${toLiteral(field)} }) { __typename } }`,
        }),
      ),
  },
  'the request': {
    outcome: 'refused',
    send: async (field) => JSON.stringify(await send(gateway.url, { query: '{ __typename }', ...field })),
  },
  'the schema of a tool': {
    outcome: 'passed on as data',
    send: (field) => ask({ tools: [{ name: 'a', parameters: field }] }),
  },
  'the inside of the schema of a tool': {
    outcome: 'passed on as data',
    send: (field) => ask({ tools: [{ name: 'a', parameters: { properties: { a: { ...field } } } }] }),
  },
  'the schema of an answer': {
    outcome: 'passed on as data',
    send: (field) =>
      ask({ responseFormat: { jsonSchema: { name: 'a', validate: false, schema: { type: 'object', ...field } } } }),
  },
  extensions: {
    outcome: 'passed on as data',
    send: async (field) =>
      JSON.stringify(
        await send(gateway.url, {
          query: '{ chat(input: { model: "local/x", messages: [{ role: USER, content: "x" }] }) { __typename } }',
          extensions: field,
        }),
      ),
  },
};

async function complete(more: object): Promise<string> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'local/x', messages: [{ role: 'user', content: 'Hello' }], ...more }),
  });
  return await response.text();
}

const tool = { name: 'a', parameters: {} };
const rest: Record<string, Place> = {
  'the request': { outcome: 'left out', send: complete },
  'a message': {
    outcome: 'left out',
    send: (field) => complete({ messages: [{ role: 'user', content: 'Hello', ...field }] }),
  },
  'a part of a message': {
    outcome: 'left out',
    send: (field) => complete({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello', ...field }] }] }),
  },
  'a tool': {
    outcome: 'left out',
    send: (field) => complete({ tools: [{ type: 'function', function: tool, ...field }] }),
  },
  'the options of a stream': { outcome: 'left out', send: (field) => complete({ stream_options: field }) },
  'the schema of a tool': {
    outcome: 'passed on as data',
    send: (field) => complete({ tools: [{ type: 'function', function: { ...tool, parameters: field } }] }),
  },
};

const faces: Record<string, Record<string, Place>> = { GraphQL: graphql, REST: rest };

describe.each(Object.entries(faces))('%s', (_face, places) => {
  it.each(Object.entries(places))('accepts no address and no header in %s', async (_where, place) => {
    const before = provider.requests.length;
    for (const name of names) {
      for (const value of [trap.url, { authorization: 'mine', host: trap.url }]) {
        const answer = await place.send({ [name]: value });
        expect(answer).not.toContain('Caught');
        expect(answer).not.toContain(canary);
        if (place.outcome === 'refused') expect([name, answer]).toEqual([name, expect.stringContaining('"errors"')]);
        else expect([name, answer]).toEqual([name, expect.stringMatching(/"Completion"|"chat\.completion"/)]);
        if (place.outcome === 'left out') {
          expect(JSON.stringify(provider.requests.at(-1)?.body)).not.toContain(trap.url);
        }
      }
    }
    expect(provider.requests.length - before).toBe(place.outcome === 'refused' ? 0 : 2 * names.length);
    expect(trap.requests).toHaveLength(0);
  });
});

it('no request header changes the address', async () => {
  const headers = Object.fromEntries(
    [
      'x-base-url',
      'x-api-base',
      'x-portkey-custom-host',
      'x-portkey-provider',
      'x-upstream-url',
      'x-forwarded-host',
      'x-original-url',
      'forwarded',
      'proxy',
      'x-target',
    ].map((name) => [name, trap.url]),
  );
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer mine', ...headers },
    body: '{ "query": "{ chat(input: { model: \\"local/x\\", messages: [{ role: USER, content: \\"x\\" }] }) { __typename } }" }',
  });
  expect(await response.json()).toEqual({ data: { chat: { __typename: 'Completion' } } });
  const sent = provider.requests.at(-1)?.headers ?? {};
  expect(Object.keys(sent).filter((name) => name in headers)).toEqual([]);
  expect(trap.requests).toHaveLength(0);
});

it("the gateway's key reached the configured address only", () => {
  expect(provider.requests.length).toBeGreaterThan(100);
  for (const { headers } of provider.requests) {
    expect([headers.authorization, headers.host]).toEqual([`Bearer ${canary}`, new URL(provider.url).host]);
  }
});
