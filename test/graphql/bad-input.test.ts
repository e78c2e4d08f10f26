import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { chat, query, streamed, wholeChat } from '../support/graphql-client.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: quickSandbox });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const model = 'openai/gpt-4o';
const user = { role: 'USER', content: 'Hello' };
const secret = 'my secret prompt';

describe('a value of the right type outside its rule', () => {
  it.each<[string, object, string, RegExp]>([
    ['no messages', { messages: [] }, 'messages', /at least one message/i],
    [
      'a message without content',
      { messages: [{ role: 'USER' }] },
      'messages[0].content',
      /needs "content" or "parts"/,
    ],
    ['content and parts', { messages: [{ ...user, parts: [{ text: 'x' }] }] }, 'messages[0].parts', /not both/],
    [
      'an image that is no URL',
      { messages: [user, user, { role: 'USER', parts: [{ image: { url: secret } }] }] },
      'messages[2].parts[0].image.url',
      /https URL or a data URL/,
    ],
    [
      'an ftp image',
      { messages: [{ role: 'USER', parts: [{ image: { url: 'ftp://a.example/x.png' } }] }] },
      'messages[0].parts[0].image.url',
      /https/,
    ],
    [
      'an image of the assistant',
      { messages: [user, { role: 'ASSISTANT', parts: [{ image: { url: 'https://a.example' } }] }] },
      'messages[1].parts[0].image',
      /user and tool messages/,
    ],
    [
      'a part of both kinds',
      { messages: [{ role: 'USER', parts: [{ text: 'x', image: { url: 'https://a.example' } }] }] },
      'messages[0].parts[0]',
      /exactly one of "text", "image"/,
    ],
    [
      'a file without a type',
      { messages: [{ role: 'USER', parts: [{ file: { data: 'AAAA' } }] }] },
      'messages[0].parts[0].file.mediaType',
      /needs a media type/,
    ],
    [
      'sound that is a picture',
      { messages: [{ role: 'USER', parts: [{ audio: { data: 'AAAA', mediaType: 'image/png' } }] }] },
      'messages[0].parts[0].audio.mediaType',
      /media type of audio/,
    ],
    [
      'a file by URL and as data',
      { messages: [{ role: 'USER', parts: [{ file: { url: 'https://a.example', data: 'AAAA' } }] }] },
      'messages[0].parts[0].file.url',
      /exactly one of "url" and "data"/,
    ],
    [
      'a result without a call',
      { messages: [user, { role: 'TOOL', content: 'x', toolCallId: 'c9' }] },
      'messages[1].toolCallId',
      /No assistant message/,
    ],
    ['a temperature of 3', { temperature: 3 }, 'temperature', /at most 2/],
    ['2000 characters of user', { user: 'u'.repeat(2000) }, 'user', /256/],
    ['2000 characters of model', { model: `openai/${'m'.repeat(2000)}` }, 'model', /256/],
    ['a choice without tools', { toolChoice: { mode: 'REQUIRED' } }, 'toolChoice', /needs "tools"/],
    ['a choice of no such tool', { tools: [{ name: 'a' }], toolChoice: { tool: 'b' } }, 'toolChoice.tool', /No tool/],
    ['two tools of one name', { tools: [{ name: 'a' }, { name: 'a' }] }, 'tools[1].name', /Another tool/],
    ['a tool with a name of two words', { tools: [{ name: 'two words' }] }, 'tools[0].name', /letters/],
    ['text that is false', { responseFormat: { text: false } }, 'responseFormat.text', /true/],
    ['no tokens', { maxTokens: 0 }, 'maxTokens', /at least 1/],
    ['a model without its provider', { model: 'gpt-4o' }, 'model', /"openai\/gpt-4o"/],
    ['a fallback without its provider', { fallbacks: ['gpt-4o'] }, 'fallbacks[0]', /"openai\/gpt-4o"/],
  ])('%s is told with its path', async (_what, fields, path, message) => {
    const input = { model, messages: [user], ...fields };
    const expected = {
      code: 'INVALID_REQUEST',
      retryable: false,
      attempts: [],
      issues: [{ path, message: expect.stringMatching(message) }],
    };
    const failure = await chat(gateway.url, input);
    expect(failure).toMatchObject({ __typename: 'ChatFailure', ...expected });
    expect(JSON.stringify(failure)).not.toContain(secret);
    expect(await streamed(gateway.url, input)).toMatchObject([{ __typename: 'CompletionFailed', ...expected }]);
  });

  it('is reported together with all others', async () => {
    const failure = await chat(gateway.url, { model, messages: [], temperature: 9, seed: 1, topP: -1 });
    expect(failure['issues']).toHaveLength(3);
    expect(failure['message']).toMatch(/\(and 2 more\)$/);
  });

  it('names the requested target, though none was tried', async () => {
    const failure = await chat(gateway.url, { model: 'openai/gpt-4o', messages: [] });
    expect(failure).toMatchObject({ provider: 'openai', model: 'gpt-4o' });
  });
});

describe('an unknown provider', () => {
  it('is reported with the known ones', async () => {
    expect(await chat(gateway.url, { model: `acme${'e'.repeat(100)}/x`, messages: [user] })).toMatchObject({
      code: 'UNKNOWN_PROVIDER',
      message: expect.stringMatching(/^Unknown provider "acmee{36}"\. Known: openai, deepseek/),
    });
  });
});

describe('a value of the wrong type', () => {
  it.each<[string, object, string]>([
    [
      'a role that is none',
      { messages: [{ role: secret, content: 'x' }] },
      'Variable "$input" has an invalid value at "input.messages[0].role": Expected a value of the enum "Role".',
    ],
    [
      'a role of 2000 characters',
      { messages: [{ role: 'R'.repeat(2000), content: 'x' }] },
      'Variable "$input" has an invalid value at "input.messages[0].role": Expected a value of the enum "Role".',
    ],
    [
      'content that is an object',
      { messages: [{ role: 'USER', content: { secret } }] },
      'Variable "$input" has an invalid value at "input.messages[0].content": String cannot represent a non string value.',
    ],
    [
      'messages that are a text',
      { messages: secret },
      'Variable "$input" has an invalid value at "input.messages": Expected value of type "MessageInput" to be an object.',
    ],
    [
      'a hot temperature',
      { temperature: secret },
      'Variable "$input" has an invalid value at "input.temperature": Float cannot represent non numeric value.',
    ],
    [
      'an unknown field',
      { secretField: secret },
      'Variable "$input" has an invalid value: Expected value of type "ChatInput" not to include unknown field "secretField".',
    ],
    [
      'a misspelt field',
      { mesages: secret },
      'Variable "$input" has an invalid value: Expected value of type "ChatInput" not to include unknown field "mesages". Did you mean "messages"?',
    ],
    [
      'parameters that are no object',
      { tools: [{ name: 'x', parameters: secret }] },
      'Variable "$input" has an invalid value at "input.tools[0].parameters": JSONObject cannot represent non-object value.',
    ],
    [
      'a message that is null',
      { messages: [null] },
      'Variable "$input" has an invalid value at "input.messages[0]": Expected value of non-null type "MessageInput!" not to be null.',
    ],
  ])('%s is refused without being quoted', async (_what, fields, message) => {
    const input = { model, messages: [user], ...fields };
    const answer = await query(gateway.url, wholeChat, { input });
    expect(answer.errors).toMatchObject([{ message, extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(JSON.stringify(answer)).not.toContain(secret);
  });

  it('is not quoted when it is a literal of the document either', async () => {
    const document = (content: string) =>
      `{ chat(input: { model: "a/b", messages: [{ role: USER, content: ${content} }] }) { __typename } }`;
    for (const literal of [`{ a: "${secret}" }`, `["${secret}", 5]`, '5']) {
      const { errors } = await query(gateway.url, document(literal));
      expect(errors).toMatchObject([{ message: 'String cannot represent a non string value.' }]);
    }
    const { errors } = await query(gateway.url, document('"x"').replace('USER', 'USR'));
    expect(errors?.[0]?.message).toBe('Expected a value of the enum "Role". Did you mean the enum value "USER"?');
  });
});

describe('a request that is not GraphQL over HTTP', () => {
  const post = (body: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });

  it.each([
    ['broken JSON', `{ ${secret}`],
    ['a text', JSON.stringify(secret)],
    ['null', 'null'],
    ['a number for a query', '{ "query": 5 }'],
    ['a batch', '[{ "query": "{ __typename }" }]'],
    ['variables that are a text', `{ "query": "{ __typename }", "variables": "${secret}" }`],
  ])('%s is a 400 that quotes nothing', async (_what, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }],
    });
    expect(text).not.toContain(secret);
    expect(text).not.toMatch(/ at .*\.(js|ts)/);
  });

  it('that subscribes without accepting a stream is a 406 with the reason', async () => {
    const body = JSON.stringify({
      query: 'subscription { chatStream(input: { model: "a/b", messages: [] }) { __typename } }',
    });
    const response = await post(body, { accept: 'application/json' });
    expect([response.status, await response.json()]).toMatchObject([
      406,
      { errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }] },
    ]);
  });

  it('with a syntax error gets the position, and none of its text', async () => {
    const { errors } = await query(gateway.url, `{ chat(input: "${secret}" `);
    expect(errors).toMatchObject([{ message: 'Syntax Error: Expected Name, found <EOF>.', locations: [{ line: 1 }] }]);
    expect((await query(gateway.url, `{ chat "${secret}" }`)).errors).toMatchObject([
      { message: 'Syntax Error: Expected Name.' },
    ]);
    expect((await query(gateway.url, `"A description" "${secret}"`)).errors).toMatchObject([
      { message: 'Syntax Error: Unexpected String.' },
    ]);
  });

  it('without a query gets an error with the reason', async () => {
    expect(await (await post('{}')).json()).toMatchObject({ errors: [{ message: 'Must provide query string.' }] });
  });

  it('of another media type is a 415, so that no form of another site can send one', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/jsonx',
    ]) {
      expect((await post('{}', { 'content-type': type })).status).toBe(415);
    }
  });

  it('by GET is a 405, so that no link can trigger a paid answer', async () => {
    const response = await fetch(`${gateway.url}/graphql?query={__typename}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('of 10 MB is a 413, with and without Content-Length', async () => {
    const huge = Buffer.alloc(10_000_000, ' ');
    expect((await post(huge.toString())).status).toBe(413);
    const { hostname, port } = new URL(gateway.url);
    const status = await new Promise((resolve, reject) => {
      const sending = httpRequest({
        hostname,
        port,
        path: '/graphql',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
      });
      sending.once('response', (response) => resolve(response.statusCode)).once('error', reject);
      // Without a length in front it goes out in chunks.
      sending.write(huge.subarray(0, 5_000_000));
      sending.write(huge.subarray(0, 5_000_000));
    });
    expect(status).toBe(413);
  });

  it('of more tokens than allowed is refused while it is parsed', async () => {
    const { errors } = await query(gateway.url, `{ ${'__typename '.repeat(2000)} }`);
    expect(errors?.[0]?.message).toMatch(/token/i);
  });
});

describe('a document that asks for too many paid answers', () => {
  const ask = 'chat(input: { model: "openai/gpt-4o", messages: [{ role: USER, content: "x" }] }) { __typename }';

  it.each([
    ['aliases', `{ ${Array.from({ length: 5 }, (_, index) => `a${index}: ${ask}`).join(' ')} }`],
    [
      'a fragment',
      `{ ...F b: ${ask} } fragment F on Query { ${Array.from({ length: 4 }, (_, index) => `a${index}: ${ask}`).join(' ')} }`,
    ],
    [
      'fragments of fragments',
      `{ ...A } fragment A on Query { ...B ...C } fragment B on Query { a: ${ask} b: ${ask} c: ${ask} } fragment C on Query { ...B d: ${ask} ... on Query { e: ${ask} } }`,
    ],
  ])('by %s is refused before anything is asked', async (_how, document) => {
    const { errors, data } = await query(gateway.url, document);
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'TOO_MANY_PAID_FIELDS' } }]);
  });

  it('may request four', async () => {
    const { data } = await query(gateway.url, `{ a: ${ask} b: ${ask} c: ${ask} d: ${ask} }`);
    expect(Object.keys(data ?? {})).toHaveLength(4);
  });

  it('is refused at once, however often its fragments double', async () => {
    const doubling = Array.from(
      { length: 60 },
      (_, index) => `fragment F${index} on Query { ...F${index + 1} ... on Query { ...F${index + 1} } }`,
    );
    const document = `{ ...F0 } ${doubling.join(' ')} fragment F60 on Query { a: ${ask} }`;
    const { errors } = await query(gateway.url, document);
    expect(errors?.[0]?.message).toMatch(/more than 1000 fields|token/i);
  });
});

it('leaves the gateway healthy, and no prompt in its log', async () => {
  expect(await (await fetch(`${gateway.url}/healthz`)).json()).toEqual({ status: 'ok' });
  expect(await chat(gateway.url, { model, messages: [user] })).toMatchObject({ __typename: 'Completion' });
  expect(JSON.stringify([gateway.log, gateway.calls])).not.toContain(secret);
  expect(gateway.log).toEqual([]);
});
