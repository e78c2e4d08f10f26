import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type GatewayProcess, startGateway } from '../support/gateway-process.ts';
import { wholeStream } from '../support/graphql-client.ts';
import { scrape } from '../support/prometheus.ts';

/**
 * Overload: streams are requested at a steady rate, independent of earlier ones, half of them on each face; the gateway and its
 * provider run in processes of their own.
 */

export type Load = {
  /** Permits of the gateway, in calls. */
  readonly calls: number;
  /** Duration of one call at the provider. */
  readonly callMs: number;
  readonly seconds: number;
};

export type Measured = {
  /** Multiple of the capacity. */
  readonly factor: number;
  readonly asked: number;
  /** Complete answers per second, of the requests that were sent under load. */
  readonly goodput: number;
  readonly refused: number;
  /** Neither complete nor refused. */
  readonly lost: number;
  /** From the request to the end of the refusal. */
  readonly refusalP99Ms: number;
  /** Event loop delay of the gateway. */
  readonly loopP99Ms: number;
};

type Ended = { readonly how: 'answered' | 'refused' | 'lost'; readonly ms: number; readonly at: number };

const faces = ['graphql', 'rest'] as const;

export async function measureOverload(
  { calls, callMs, seconds }: Load,
  factors: readonly number[],
): Promise<Measured[]> {
  const provider = fork(fileURLToPath(new URL('provider.ts', import.meta.url)), [String(callMs)]);
  const [url] = await once(provider, 'message');
  const yaml = `providers: { local: { kind: openai-compatible, baseUrl: "${url}/v1" } }\nconcurrency: { max: ${calls} }\nlogLevel: warn\n`;
  const gateway = await startGateway({ yaml });
  try {
    const measured: Measured[] = [];
    // The first request warms up the compiler.
    await measure(gateway, 1, (calls * 1_000) / callMs, 2);
    for (const factor of factors) measured.push(await measure(gateway, factor, (calls * 1_000) / callMs, seconds));
    return measured;
  } finally {
    gateway.child.kill('SIGKILL');
    provider.kill();
  }
}

async function measure(gateway: GatewayProcess, factor: number, fits: number, seconds: number): Promise<Measured> {
  const agent = new Agent({ keepAlive: true });
  await loopLagMs(gateway);
  const count = Math.round(fits * factor * seconds);
  const startedAt = performance.now();
  const asked: Promise<Ended>[] = [];
  for (let index = 0; index < count; index++) {
    const due = startedAt + (index * 1_000) / (fits * factor) - performance.now();
    if (due > 1) await sleep(due);
    asked.push(ask(gateway.url, faces[index % 2] ?? 'rest', agent));
  }
  const stoppedAt = performance.now();
  const loopP99Ms = await loopLagMs(gateway);
  const ended = await Promise.all(asked);
  agent.destroy();
  const ofKind = (how: Ended['how']) => ended.filter((one) => one.how === how);
  return {
    factor,
    asked: count,
    goodput: (ofKind('answered').filter(({ at }) => at < stoppedAt).length * 1_000) / (stoppedAt - startedAt),
    refused: ofKind('refused').length,
    lost: ofKind('lost').length,
    refusalP99Ms: p99(ofKind('refused').map(({ ms }) => ms)),
    loopP99Ms,
  };
}

async function ask(url: string, face: (typeof faces)[number], agent: Agent): Promise<Ended> {
  const startedAt = performance.now();
  const end = (how: Ended['how']): Ended => ({ how, ms: performance.now() - startedAt, at: performance.now() });
  const asked = { model: 'local/x', messages: [{ role: face === 'rest' ? 'user' : 'USER', content: 'Hello' }] };
  const [path, body] =
    face === 'rest'
      ? ['/v1/chat/completions', { ...asked, stream: true }]
      : ['/graphql', { query: wholeStream, variables: { input: asked } }];
  const headers = { 'content-type': 'application/json', accept: 'text/event-stream' };
  try {
    const text = await new Promise<string>((resolve, reject) => {
      const asking = request(url + path, { method: 'POST', headers, agent }, (response: IncomingMessage) => {
        response
          .setEncoding('utf8')
          .toArray()
          .then((pieces) => resolve(pieces.join('')), reject);
      });
      asking.once('error', reject).end(JSON.stringify(body));
    });
    if (text.includes('"OVERLOADED"')) return end('refused');
    const isAnswered = text.includes('"CompletionFinished"') || text.includes('"finish_reason":"stop"');
    return end(isAnswered ? 'answered' : 'lost');
  } catch {
    return end('lost');
  }
}

/** Since the last reading, by the gateway's own metrics, less the sampling interval of ten milliseconds. */
async function loopLagMs({ url }: GatewayProcess): Promise<number> {
  const { of } = scrape(await (await fetch(`${url}/metrics`)).text());
  const [lag] = of('nodejs_eventloop_lag_p99_seconds');
  return Math.max(0, Number(lag?.value) * 1_000 - 10);
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * 0.99)] ?? 0;
}
