import { parentPort } from 'node:worker_threads';
import { attacks } from './attacks.ts';
import { startQuotingProvider } from './provider.ts';

/**
 * The attacker and the provider that it asks, in a thread of their own: the work of sending an attack must not delay the
 * victim's requests, or the measurement would count it against the gateway.
 */

/** What the thread is asked to do. */
export type Play = { readonly attack: string; readonly url: string; readonly key: string };

const provider = await startQuotingProvider();
parentPort?.on('message', async (message: Play | 'close') => {
  if (message === 'close') {
    await provider.close();
    parentPort?.close();
    return;
  }
  const attack = attacks.find((one) => one.name === message.attack);
  if (!attack) throw new Error(`No attack is named ${message.attack}.`);
  const body = Buffer.from(attack.body());
  const statuses = await Promise.all(
    Array.from({ length: attack.times ?? 1 }, async () => {
      const response = await fetch(message.url + attack.path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${message.key}` },
        body,
      }).catch(() => undefined);
      await response?.arrayBuffer().catch(() => {});
      return response?.status ?? 0;
    }),
  );
  parentPort?.postMessage([...new Set(statuses)].sort());
});
parentPort?.postMessage(provider.url);
