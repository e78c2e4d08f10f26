import { isDeepStrictEqual } from 'node:util';
import { assembleOn, isStillAllowed } from '../assemble.ts';
import { type Config, ConfigError } from '../config/load.ts';
import { GatewayError } from '../core/errors.ts';
import type { Log } from '../core/ports.ts';
import type { ProcessState } from '../process-state.ts';
import type { HotSwapListener } from '../server/hot-swap.ts';
import { type CliSource, loadSettings } from './settings.ts';

/** One configuration in service. */
export type Service = { readonly config: Config; close(): Promise<void> };

export type ReloadParts = {
  readonly source: CliSource;
  readonly processState: ProcessState;
  readonly listener: Pick<HotSwapListener, 'replace'>;
  readonly log: Log;
  readonly setLogLevel: (level: Config['logLevel']) => void;
};

export type Reloading = {
  readonly current: Service;
  /**
   * Reloads the configuration. Reloads run one after the other and never throw: an invalid configuration changes
   * nothing.
   */
  reload(): Promise<void>;
};

/** Replaces the configuration in service as a whole, or not at all. Running requests keep the previous one. */
export function createReloading(parts: ReloadParts, first: Service): Reloading {
  const { source, processState, listener, log, setLogLevel } = parts;
  let current = first;
  let last = Promise.resolve();

  async function replace(): Promise<void> {
    if (processState.isStopping) return;
    const { config, waiting } = loadConcurrently(current.config, source);
    const { app, webSockets, drainFaces, close } = await assembleOn(processState, config, log);
    const earlier = current;
    current = { config, close };
    const reason = new GatewayError('CANCELLED', 'The API key of this request was withdrawn.');
    const withdrawn = processState.bulkhead.abortWhere(
      (caller) => !isStillAllowed(config, earlier.config, caller),
      reason,
    );
    if (withdrawn > 0) log.warn({ requests: withdrawn }, 'requests of withdrawn keys aborted');
    void listener.replace({ app, webSockets, drainFaces }).then(earlier.close).catch(notClosed);
    log.info(config.notices.length > 0 ? { remarks: config.notices } : {}, 'configuration reloaded');
    if (waiting.length > 0) log.warn({ settings: waiting }, 'these settings need a restart');
    setLogLevel(config.logLevel);
  }

  function notClosed(thrown: unknown): void {
    log.error({ err: thrown }, 'the previous configuration could not be closed');
  }

  function refused(thrown: unknown): void {
    if (thrown instanceof ConfigError) {
      log.error({ problems: thrown.problems }, 'invalid configuration; keeping the previous one');
    } else log.error({ err: thrown }, 'the new configuration cannot be used; keeping the previous one');
  }

  return {
    get current() {
      return current;
    },
    reload() {
      last = last.then(replace).catch(refused);
      return last;
    },
  };
}

/**
 * The new configuration with the settings of the previous one that need a restart, and the names of those that differ.
 */
function loadConcurrently(
  old: Config,
  source: CliSource,
): { readonly config: Config; readonly waiting: readonly string[] } {
  const wanted = loadSettings(source);
  if (old.file.exists && !wanted.file.exists) throw new ConfigError([`${wanted.file.name} no longer exists`]);
  // A file that was truncated, or whose callers were lost, must not open the gateway to everybody.
  if (wanted.allowsAnonymous && !old.allowsAnonymous) {
    throw new ConfigError([
      `${wanted.file.name}: has no callers any more, which would remove authentication; restart the gateway if that is meant`,
    ]);
  }
  const env = { ...source.env, HOST: old.host, PORT: String(old.port) };
  // Whether a setting is safe depends on the address, so the address that is listened on decides.
  const held = wanted.host === old.host ? wanted : loadSettings({ ...source, env });
  const fixed: readonly [string, unknown, unknown][] = [
    ['server.host', wanted.host, old.host],
    ['server.port', wanted.port, old.port],
    ['metrics', wanted.metrics, old.metrics],
    ['traces', wanted.traces, old.traces],
    ['redis', sharesOf(wanted), sharesOf(old)],
    ['PARLEY_REDIS_URL', wanted.redis.url?.reveal(), old.redis.url?.reveal()],
  ];
  const waiting = fixed.filter(([, now, before]) => !isDeepStrictEqual(now, before)).map(([name]) => name);
  const { host, port, metrics, traces, redis } = old;
  return { config: { ...held, host, port, metrics, traces, redis }, waiting };
}

function sharesOf({ redis: { url: _, ...shares } }: Config): object {
  return shares;
}
