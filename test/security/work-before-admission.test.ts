import { request as httpRequest } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createBodyBudget } from '../../src/server/body-budget.ts';
import { createWorkLimit } from '../../src/server/work-limit.ts';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { openGateway, quickSandbox } from '../support/gateway.ts';
import { query } from '../support/graphql-client.ts';

/** The cost of a request before the limits of its caller are checked. */

describe('the time of refused and free requests', () => {
  it('is limited per client, for a minute', () => {
    const clock = createFakeClock();
    const limit = createWorkLimit(clock, () => 100);
    limit.add('a', 99);
    limit.check('a');
    limit.add('a', 1);
    expect(() => limit.check('a')).toThrow(/100 ms of processor time.*server\.freeWorkMsPerMinute.*Retry in 60 s/);
    limit.check('b');
    clock.pass(60_000);
    limit.check('a');
  });

  it('is counted for queries of models', async () => {
    const web = callerKey('web');
    await using gateway = await openGateway({
      yaml: `${quickSandbox}server: { freeWorkMsPerMinute: 100 }\n${callersYaml(web)}`,
    });
    const ask = async (document: string, variables: object = {}) =>
      (await query(gateway.url, document, variables, web.key)).status;
    let lists = 0;
    while (lists < 5000 && (await ask('{ models { id name contextWindow capabilities } }')) === 200) lists += 1;
    expect(lists).toBeLessThan(5000);
    expect(await ask('{ models { id } }')).toBe(429);
  });
});

describe('bytes of bodies in flight', () => {
  const openResponse = () => {
    const listeners: (() => void)[] = [];
    return { on: (_event: string, listener: () => void) => void listeners.push(listener), listeners };
  };
  const reserveFor = (budget: ReturnType<typeof createBodyBudget>, caller: string) => {
    const response = openResponse();
    // Only `on` is used of a response.
    const take = budget.reserve(caller, response as unknown as Parameters<typeof budget.reserve>[1]);
    return { take, close: () => void response.listeners.map((listener) => listener()) };
  };

  it('are bounded per caller and in total, and released at the end', () => {
    const budget = createBodyBudget(100);
    const mine = reserveFor(budget, 'a');
    mine.take(25);
    expect(() => reserveFor(budget, 'a').take(1)).toThrow(/limit 100, concurrency\.bodyBytes/);
    for (const other of ['b', 'c', 'd']) reserveFor(budget, other).take(25);
    expect(() => reserveFor(budget, 'e').take(1)).toThrow();
    mine.close();
    reserveFor(budget, 'a').take(25);
  });

  it('refuse a body by its length before any of it is sent', async () => {
    const web = callerKey('web');
    await using gateway = await openGateway({
      yaml: `${quickSandbox}concurrency: { bodyBytes: 1000000 }\n${callersYaml(web)}`,
    });
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${web.key}` };
    const send = (length: number) =>
      httpRequest(`${gateway.url}/graphql`, { method: 'POST', headers: { ...headers, 'content-length': length } });
    const held = send(600_000);
    held.on('error', () => {});
    held.flushHeaders();
    const statusOf = () => {
      const { promise, resolve } = Promise.withResolvers<readonly [number | undefined, string | undefined]>();
      const second = send(600_000);
      second.on('error', () => {});
      second.on('response', (response) => {
        resolve([response.statusCode, response.headers['retry-after']]);
        response.resume();
        second.destroy();
      });
      second.flushHeaders();
      return promise;
    };
    expect(await statusOf()).toEqual([503, '1']);
    held.destroy();
  });
});
