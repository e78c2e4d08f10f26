import { assemble } from '../../assemble.ts';
import { listen } from '../../server/listen.ts';
import { createLog } from '../../telemetry/log.ts';
import { type CliSource, loadSettings } from '../settings.ts';

/** The sandbox's pace is for people who watch. Here nobody does, but a stream still comes in pieces. */
const hurriedPace = { firstTokenMs: 0, tokensPerSecond: 1_000 };

export type OwnGateway = AsyncDisposable & { readonly url: URL };

/** Starts a gateway for one run, configured as for serve, that only this machine reaches. Its log tells defects alone. */
export async function startOwnGateway(source: CliSource): Promise<OwnGateway> {
  // Where serve would listen does not matter.
  const settings = loadSettings({ ...source, insecure: true });
  // Nor do the limits that all callers have: a check of every model is many requests in a minute.
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
