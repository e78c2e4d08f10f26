import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';
import { query, wholeChat } from '../support/graphql-client.ts';
import { scrape } from '../support/prometheus.ts';

/** Refusals before a provider is asked appear in the log and in the metrics: caller and reason. */

const ops = callerKey('ops', 'admin: true');
const web = callerKey('web');
const small = callerKey('small', 'limits: { requestsPerMinute: 4, budgetPerDayUsd: 0.5, concurrentStreams: 2 }');
const poor = callerKey('poor', 'limits: { budgetPerDayUsd: 0.000001 }');

let gateway: RunningGateway;
let logged = 0;
beforeAll(async () => {
  gateway = await openGateway({
    yaml: `${quickSandbox}server: { maxBodyBytes: 20000 }\n${callersYaml(ops, web, small, poor)}`,
  });
});
afterAll(() => gateway[Symbol.asyncDispose]());
beforeEach(() => {
  logged = gateway.log.length + gateway.calls.length;
});

const messages = [{ role: 'USER', content: 'canary-prompt' }];
const input = { model: 'openai/gpt-4o', messages };

function send(path: string, body: string, key: string): Promise<Response> {
  const accept = body.includes('subscription') ? 'text/event-stream' : 'application/json';
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${key}` },
    body,
  });
}

async function metrics() {
  const response = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${ops.key}` } });
  return scrape(await response.text());
}

describe('a request that is refused before it becomes a call', () => {
  const wrongVariables = {
    operationName: 'Ask',
    query: 'query Ask($input: ChatInput!) { chat(input: $input) { __typename } }',
    variables: { input: { ...input, temperature: 'canary', requestId: 'mine-7' } },
  };
  const stream = 'subscription Ask($input: ChatInput!) { chatStream(input: $input) { __typename } }';
  it.each([
    ['no JSON, to REST', '/v1/chat/completions', '{"canary', { face: 'rest', code: 'BAD_REQUEST' }],
    [
      'a wrong shape, to REST',
      '/v1/chat/completions',
      JSON.stringify({ model: 'openai/gpt-4o', messages: 'canary', n: 0, request_id: 'mine-6' }),
      { face: 'rest', code: 'INVALID_REQUEST', requestId: 'mine-6' },
    ],
    ['no JSON', '/graphql', '{"canary', { face: 'graphql', code: 'BAD_REQUEST' }],
    ['no document', '/graphql', '{"query":"{ canary("}', { face: 'graphql', code: 'GRAPHQL_PARSE_FAILED' }],
    ['an unknown field', '/graphql', '{"query":"{ canary }"}', { face: 'graphql', code: 'GRAPHQL_VALIDATION_FAILED' }],
    [
      'wrong variables',
      '/graphql',
      JSON.stringify(wrongVariables),
      { face: 'graphql', code: 'BAD_USER_INPUT', requestId: 'mine-7', operation: 'Ask' },
    ],
    ['a body that is too large', '/graphql', 'canary'.repeat(5000), { face: 'http', code: 'PAYLOAD_TOO_LARGE' }],
    ['a path where nothing is', '/canary', '{}', { face: 'http', code: 'NOT_FOUND' }],
    [
      'wrong variables of a stream',
      '/graphql',
      JSON.stringify({ ...wrongVariables, query: stream }),
      { face: 'graphql', code: 'BAD_USER_INPUT', requestId: 'mine-7', operation: 'Ask' },
    ],
  ])('has a line with its code, and is counted: %s', async (_what, path, body, told) => {
    const { face, code } = told;
    const counted = async () =>
      (await metrics())
        .of('parley_refused_requests_total')
        .find(({ labels }) => labels?.['parley_face'] === face && labels?.['error_type'] === code)?.value ?? '0';
    const before = Number(await counted());
    const response = await send(path, body, web.key);
    await response.text();
    const id = response.headers.get('x-request-id');
    expect(Number(await counted())).toBe(before + 1);
    const lines = [...gateway.log, ...gateway.calls];
    expect(lines).toHaveLength(logged + 1);
    const line = lines.find(({ message }) => message === `refused ${face} ${code}`);
    expect(line).toMatchObject({ level: 'info', fields: { requestId: id, caller: 'web', ...told } });
    expect(JSON.stringify(lines)).not.toContain('canary');
  });

  it('is counted without a log line before authentication', async () => {
    await (await send('/graphql', '{}', 'nobody')).text();
    const counted = (await metrics()).of('parley_refused_requests_total');
    expect(counted.map(({ labels, value }) => [labels, value])).toContainEqual([
      { parley_face: 'http', error_type: 'UNAUTHENTICATED' },
      '1',
    ]);
    expect(gateway.log.length + gateway.calls.length).toBe(logged);
  });
});

describe('limits', () => {
  it('report their use, and refusals by caller', async () => {
    const ask = ({ key }: typeof small) => query(gateway.url, wholeChat, { input }, key);
    const used = async (caller: string) =>
      Object.fromEntries(
        (await metrics())
          .of('parley_limit_used_ratio')
          .filter(({ labels }) => labels?.['parley_caller'] === caller)
          .map(({ labels, value }) => [labels?.['parley_limit'], Number(value)]),
      );
    const refusals = async () =>
      (await metrics())
        .of('parley_limit_refusals_total')
        .filter(({ value }) => value !== '0')
        .map(({ labels, value }) => [labels?.['parley_caller'], labels?.['error_type'], value]);

    expect(await used('small')).toEqual({ requests: 0, money: 0, streams: 0 });
    expect(await refusals()).toEqual([]);
    await ask(small);
    const once = await used('small');
    expect(once).toEqual({ requests: 0.25, money: expect.any(Number), streams: 0 });
    expect(once['money']).toBeGreaterThan(0.0005);
    expect(once['money']).toBeLessThan(0.01);
    for (let more = 0; more < 5; more++) await ask(small);
    // Refused requests count as requests, too.
    expect(await used('small')).toMatchObject({ requests: 1.5 });
    await ask(poor);
    await ask(poor);
    expect((await used('poor'))['money']).toBeGreaterThan(1);
    expect(await used('web')).toEqual({});
    expect(await refusals()).toEqual([
      ['small', 'RATE_LIMITED', '2'],
      ['poor', 'BUDGET_EXCEEDED', '1'],
    ]);
  });
});
