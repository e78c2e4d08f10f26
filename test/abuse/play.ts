import { readFileSync } from 'node:fs';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { startGateway } from '../support/gateway-process.ts';
import type { Attack } from './attacks.ts';
import { startQuotingProvider } from './provider.ts';

/** How another caller fared while an attack was played. */
export type Outcome = {
  readonly name: string;
  /** The longest that a request of the victim took, in milliseconds. */
  readonly stallMs: number;
  readonly victimAnswered: number;
  readonly victimFailed: number;
  readonly rssGrowthMiB: number;
  /** Statuses that the attacker got. */
  readonly statuses: readonly number[];
  readonly isAlive: boolean;
};

const attacker = callerKey('attacker');
const victim = callerKey('victim');

/** Plays attacks one after the other against a gateway with a heap of 512 MB, while a victim sends a request every 10 ms. */
export async function playAttacks(attacks: readonly Attack[]): Promise<readonly Outcome[]> {
  const provider = await startQuotingProvider();
  const gateway = await startGateway({
    yaml: `providers:\n  local: { kind: openai-compatible, baseUrl: "${provider.url}/v1", apiKeyEnv: LOCAL_KEY }\nlogLevel: error\n${callersYaml(attacker, victim)}`,
    env: { NODE_OPTIONS: '--max-old-space-size=512', LOCAL_KEY: 'local-key' },
  });
  const rss = () => {
    const status = readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  };
  const ask = (key: string, path: string, body: string) =>
    fetch(gateway.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body,
    });
  const small = JSON.stringify({ model: 'local/a', messages: [{ role: 'user', content: 'Hello' }] });
  const outcomes: Outcome[] = [];
  try {
    for (let warm = 0; warm < 200; warm++) await (await ask(victim.key, '/v1/chat/completions', small)).text();
    for (const attack of attacks) {
      const before = rss();
      let peak = before;
      let stallMs = 0;
      let victimAnswered = 0;
      let victimFailed = 0;
      let isOver = false;
      const victimLoop = (async () => {
        while (!isOver) {
          const startedAt = performance.now();
          const response = await ask(victim.key, '/v1/chat/completions', small).catch(() => undefined);
          await response?.text().catch(() => {});
          stallMs = Math.max(stallMs, performance.now() - startedAt);
          if (response?.status === 200) victimAnswered += 1;
          else victimFailed += 1;
          peak = Math.max(peak, gateway.child.exitCode === null ? rss() : 0);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })();
      const body = attack.body();
      const statuses = await Promise.all(
        Array.from({ length: attack.times ?? 1 }, async () => {
          const response = await ask(attacker.key, attack.path, body).catch(() => undefined);
          await response?.arrayBuffer().catch(() => {});
          return response?.status ?? 0;
        }),
      );
      // What an attack leaves behind shows in the requests that follow it.
      for (let after = 0; after < 20; after++) await (await ask(victim.key, '/v1/chat/completions', small)).text();
      isOver = true;
      await victimLoop;
      outcomes.push({
        name: attack.name,
        stallMs: Math.round(stallMs),
        victimAnswered,
        victimFailed,
        rssGrowthMiB: Math.round(peak - before),
        statuses: [...new Set(statuses)].sort(),
        isAlive: gateway.child.exitCode === null,
      });
    }
    return outcomes;
  } finally {
    await gateway.stop();
    await provider.close();
  }
}
