import { describe, expect, it } from 'vitest';
import { quickSandbox } from '../support/gateway.ts';
import { startGateway } from '../support/gateway-process.ts';
import { query } from '../support/graphql-client.ts';
import { nginxPath, startNginx } from '../support/nginx.ts';
import { hasRedis, startRedis } from '../support/redis-server.ts';

const ask =
  '{ chat(input: { model: "openai/gpt-4o", messages: [{ role: USER, content: "Hi" }] }) { __typename ... on ChatFailure { code } } }';

async function callsOf(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const counts = metrics.matchAll(/^gen_ai_server_request_duration_seconds_count\{.*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

describe.skipIf(!nginxPath || !hasRedis)('two gateways behind nginx with one Redis (skipped without both)', () => {
  it('enforce one limit together', async () => {
    await using redis = await startRedis();
    const settings = {
      yaml: `${quickSandbox}limits: { requestsPerMinute: 6 }\n`,
      env: { PARLEY_REDIS_URL: redis.url },
    };
    await using running = new AsyncDisposableStack();
    const gateways = await Promise.all([startGateway(settings), startGateway(settings)]);
    for (const gateway of gateways) running.defer(async () => void (await gateway.stop()));
    {
      await using nginx = await startNginx(...gateways.map(({ url }) => url));
      const answers: unknown[] = [];
      for (let count = 0; count < 12; count++) answers.push((await query(nginx.url, ask)).data?.['chat']);
      const refused = answers.filter((answer) => JSON.stringify(answer).includes('RATE_LIMITED'));
      expect([answers.length, refused.length]).toEqual([12, 6]);
    }
    // In turns: each gateway alone would have admitted all of its requests.
    expect(await Promise.all(gateways.map(({ url }) => callsOf(url)))).toEqual([6, 6]);
  });
});
