import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { callerKey, callersYaml } from '../support/caller-keys.ts';
import { startGateway } from '../support/gateway-process.ts';
import type { Play } from './attacker.ts';
import type { Attack } from './attacks.ts';
import { startQuotingProvider } from './provider.ts';

/** The effect of an attack on another caller. */
export type Outcome = {
  readonly name: string;
  /** The longest that a request of the victim took, in milliseconds. */
  readonly stallMs: number;
  readonly victimAnswered: number;
  readonly victimFailed: number;
  readonly rssGrowthMiB: number;
  /** Statuses that the attacker received. */
  readonly statuses: readonly number[];
  readonly isAlive: boolean;
};

const attacker = callerKey('attacker');
const victim = callerKey('victim');

const providerYaml = (name: string, url: string) =>
  `  ${name}: { kind: openai-compatible, baseUrl: "${url}/v1", apiKeyEnv: LOCAL_KEY }\n`;

/** Plays attacks one after the other against a gateway with a heap of 512 MB, while a victim sends a request every 10 ms. */
export async function playAttacks(attacks: readonly Attack[]): Promise<readonly Outcome[]> {
  const worker = new Worker(new URL('./attacker.ts', import.meta.url));
  const [attackedUrl] = (await once(worker, 'message')) as [string];
  const provider = await startQuotingProvider();
  const gateway = await startGateway({
    yaml: `providers:\n${providerYaml('local', attackedUrl)}${providerYaml('victim', provider.url)}logLevel: error\n${callersYaml(attacker, victim)}`,
    env: { NODE_OPTIONS: '--max-old-space-size=512', LOCAL_KEY: 'local-key' },
  });
  const rss = () => {
    const status = readFileSync(`/proc/${gateway.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
  };
  // A request that takes seconds counts as failed: every attack of the list once held the gateway for longer.
  const ask = (key: string, path: string, body: string) =>
    fetch(gateway.url + path, {
      signal: AbortSignal.timeout(3_000),
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body,
    });
  const small = JSON.stringify({ model: 'victim/a', messages: [{ role: 'user', content: 'Hello' }] });
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
      worker.postMessage({ attack: attack.name, url: gateway.url, key: attacker.key } satisfies Play);
      const [statuses] = (await once(worker, 'message')) as [number[]];
      // Effects of an attack show in the requests after it.
      for (let after = 0; after < 20; after++) await ask(victim.key, '/v1/chat/completions', small).catch(() => {});
      isOver = true;
      await victimLoop;
      outcomes.push({
        name: attack.name,
        stallMs: Math.round(stallMs),
        victimAnswered,
        victimFailed,
        rssGrowthMiB: Math.round(peak - before),
        statuses,
        isAlive: gateway.child.exitCode === null,
      });
    }
    return outcomes;
  } finally {
    await gateway.stop();
    await provider.close();
    worker.postMessage('close');
    await once(worker, 'exit');
  }
}
