import { assembleOn } from '../../src/assemble.ts';
import { createReloading } from '../../src/cli/reload.ts';
import { loadSettings } from '../../src/cli/settings.ts';
import { createProcessState } from '../../src/process-state.ts';
import { createHotSwapListener } from '../../src/server/hot-swap.ts';
import { listen, requestTimeouts } from '../../src/server/listen.ts';
import { configFolder, type GatewaySettings, sandboxOf } from './gateway-process.ts';

export type LogLine = {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
};

export type RunningGateway = AsyncDisposable & {
  readonly url: string;
  /** Lines that are not of a call. */
  readonly log: readonly LogLine[];
  readonly calls: readonly LogLine[];
  /** Where its configuration is. */
  readonly folder: string;
  /** Reads the configuration again. */
  reload(): Promise<void>;
};

/** The whole gateway in this process, behind a real socket. */
export async function openGateway(
  settings: GatewaySettings = {},
  patience?: Parameters<typeof listen>[3],
): Promise<RunningGateway> {
  const folder = configFolder(settings);
  const source = {
    directory: folder,
    env: { PORT: '0', ...sandboxOf(settings), ...settings.env },
    insecure: settings.args?.includes('--insecure') ?? false,
  };
  const config = loadSettings(source);
  const log: LogLine[] = [];
  const calls: LogLine[] = [];
  const write = (level: string) => (fields: LogLine['fields'], message: string) =>
    void ('requestId' in fields ? calls : log).push({ level, fields, message });
  const sink = { info: write('info'), warn: write('warn'), error: write('error') };
  const processState = await createProcessState(config, sink);
  const parley = await assembleOn(processState, config, sink);
  const listener = createHotSwapListener(parley);
  const parts = { source, processState, listener, log: sink, setLogLevel: () => {} };
  const reloading = createReloading(parts, { config, close: parley.close });
  const { onUpgrade } = listener;
  const listening = await listen(listener.app, config.host, config.port, {
    ...(patience ?? requestTimeouts),
    onUpgrade,
  });
  return {
    url: listening.url,
    log,
    calls,
    folder,
    reload: reloading.reload,
    async [Symbol.asyncDispose]() {
      await Promise.all([listening.stop(0), listener.stopSockets(0)]);
      await reloading.current.close();
      await processState.close();
    },
  };
}

/** A sandbox that answers without pauses. */
export const quickSandbox = 'sandbox: { firstTokenMs: 0, tokensPerSecond: 0 }\n';

/** A failure has no effect on the next call: no backoff, cooldowns or open breakers. */
export const forgetful =
  'retries: { max: 0 }\ncooldowns: { rateLimitMs: 0, authenticationMs: 0, billingMs: 0 }\nbreaker: { failures: 1000 }\n';

/** One custom provider called "local", without a key. */
export function localProvider(url: string, more = ''): string {
  return `providers:\n  local: { kind: openai-compatible, baseUrl: "${url}/v1" }\n${forgetful}${more}`;
}
