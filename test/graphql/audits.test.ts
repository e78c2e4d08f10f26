import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { openGateway, quickSandbox, type RunningGateway } from '../support/gateway.ts';

/** The audits of the GraphQL over HTTP specification, by its reference implementation. */

// Two of the audits ask for the schema.
const ops = callerKey('ops', 'admin: true');
let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await openGateway({ yaml: `${quickSandbox}${callersYaml(ops)}` });
});
afterAll(() => gateway[Symbol.asyncDispose]());

const audits = serverAudits({
  url: () => `${gateway.url}/graphql`,
  fetchFn: (input: string, init?: RequestInit) =>
    fetch(input, {
      ...init,
      headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${ops.key}` },
    }),
});

/** The only failing audits: GET. A link of another page must not trigger a paid answer; the specification says MAY. */
const byGet = ['5A70', 'D6D5', '6A70'];

describe('GraphQL over HTTP', () => {
  it.each(audits.filter(({ id }) => !byGet.includes(id)))('$id: $name', async (audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  });

  it.each(audits.filter(({ id }) => byGet.includes(id)))('$id, not implemented: $name', async (audit) => {
    expect(audit.name).toMatch(/^MAY .*\bGETs?\b/);
    expect(await audit.fn()).toMatchObject({ status: 'notice', response: { status: 405 } });
  });
});
