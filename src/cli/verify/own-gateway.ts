import { assemble } from '../../assemble.ts';
import { listen } from '../../server/listen.ts';
import { createLog } from '../../telemetry/log.ts';
import { type CliSource, loadSettings } from '../settings.ts';

/** The sandbox's default pace is for people who watch. Streams still arrive in pieces. */
const hurriedPace = { firstTokenMs: 0, tokensPerSecond: 1_000, refuseRetired: false };

export type OwnGateway = AsyncDisposable & { readonly url: URL };

/**
 * Starts a gateway for one run, configured as `serve` would be, on the loopback interface. Its log has defects only.
 */
export async function startOwnGateway(source: CliSource): Promise<OwnGateway> {
  // The address that `serve` would listen on does not matter.
  const settings = loadSettings({ ...source, insecure: true });
  // Limits for all callers do not apply: a check of every model is many requests in a minute.
  const config = {
    ...settings,
    host: '127.0.0.1',
    port: 0,
    limits: {},
    sandbox: { ...settings.sandbox, ...hurriedPace },
  };
  const parley = await assemble(config, createLog('error', process.stderr));
  const listening = await listen(parley.app, config.host, config.port);
  return {
    url: new URL(listening.url),
    async [Symbol.asyncDispose]() {
      await listening.stop(0);
      await parley.close();
    },
  };
}
