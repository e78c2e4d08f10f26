import type { RequestListener } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { assembleOn, type Parley } from '../assemble.ts';
import type { Config } from '../config/load.ts';
import { watchFile } from '../config/watch.ts';
import type { Gateway } from '../core/gateway.ts';
import type { Model, ProviderAccess } from '../core/model.ts';
import { createProcessState, type ProcessState } from '../process-state.ts';
import { createHotSwapListener, type HotSwapListener } from '../server/hot-swap.ts';
import { type Listening, listen, requestTimeouts } from '../server/listen.ts';
import { createLog } from '../telemetry/log.ts';
import { createReloading } from './reload.ts';
import { onReloadSignal } from './reload-signal.ts';
import { type CliSource, loadSettings } from './settings.ts';
import { stopSignal } from './stop-signal.ts';

/**
 * Time after the grace period: for clients to read terminal events, and then for whatever else keeps the process alive.
 */
const finalEventMs = 1_200;
const closingMs = 400;

/** Serves until a signal stops the process. */
export async function serve(source: CliSource): Promise<number> {
  // V8 discards bytecode that has not run for a while: the first request after a quiet hour would wait for the
  // compiler.
  setFlagsFromString('--no-flush-bytecode');
  const config = loadSettings(source);
  const log = createLog(config.logLevel);
  // Registered before other listeners, which would delay it.
  process.prependListener('exit', log.close);
  const processState = await createProcessState(config, log);
  process.prependListener('exit', processState.telemetry.flush);
  const parley = await assembleOn(processState, config, log);
  const listener = createHotSwapListener(parley);
  const listening: Listening[] = [];
  try {
    const { metricsApp } = parley;
    for (const own of listenersOf({ app: listener.app, onUpgrade: listener.onUpgrade, metricsApp }, config)) {
      const opened = await listenAt(own);
      listening.push(opened);
      processState.idleConnections.add(opened.closeIdle);
    }
  } catch (thrown) {
    if (!(thrown instanceof AddressInUse)) throw thrown;
    await Promise.all(listening.map(({ stop }) => stop(0)));
    await parley.close();
    await processState.close();
    console.error(thrown.message);
    return 1;
  }
  const setLogLevel = (level: Config['logLevel']) => {
    log.level = level;
  };
  const reloading = createReloading(
    { source, processState, listener, log, setLogLevel },
    { config, close: parley.close },
  );
  const stopWatching = watchFile(config.file.path, config.file.version, reloading.reload);
  onReloadSignal(reloading.reload);
  const stopped = stopSignal();
  const [url = '', metricsUrl] = listening.map((listener) => listener.url);
  // The reader of stdout may be gone, or its disk full.
  process.stdout.on('error', () => {});
  // The process that reads this line may send signals from now on.
  process.stdout.write(greeting(url, metricsUrl, parley.gateway, config));
  const signal = await stopped;
  stopWatching();
  const { shutdownGraceMs: graceMs } = reloading.current.config.server;
  log.info({ signal, graceMs }, 'Stopping');
  await drain(processState, listening, listener, graceMs);
  // Exits even if something does not let go, such as a pending DNS lookup or JWKS request.
  setTimeout(() => process.exit(0), closingMs).unref();
  await Promise.all([reloading.current.close(), processState.close()]);
  return 0;
}

/** Lets running requests go on for the grace period, then ends each with its terminal event. */
async function drain(
  processState: ProcessState,
  listening: readonly Listening[],
  listener: HotSwapListener,
  graceMs: number,
): Promise<void> {
  processState.drain();
  // Streams without a client have no connection that would be waited for.
  const idle = Promise.all([...listening.map(({ drain }) => drain()), listener.drain(), processState.streams.idle()]);
  await Promise.race([idle, sleep(graceMs, undefined, { ref: false })]);
  processState.abortAll();
  await Promise.all([...listening.map(({ stop }) => stop(finalEventMs)), listener.stopSockets(finalEventMs)]);
}

type Listener = {
  readonly app: RequestListener;
  readonly onUpgrade?: HotSwapListener['onUpgrade'];
  readonly host: string;
  readonly port: number;
  readonly keepAliveMs: number;
};

/** Metrics may have a port of their own. */
function listenersOf(
  { app, onUpgrade, metricsApp }: Pick<HotSwapListener, 'app' | 'onUpgrade'> & Pick<Parley, 'metricsApp'>,
  { host, port, metrics, server: { keepAliveMs } }: Config,
): readonly Listener[] {
  const own = { app, onUpgrade, host, port, keepAliveMs };
  return [own, ...(metricsApp && metrics ? [{ app: metricsApp, ...metrics, keepAliveMs }] : [])];
}

class AddressInUse extends Error {
  override readonly name = 'PlaceTaken';
}

async function listenAt({ app, onUpgrade, host, port, keepAliveMs }: Listener): Promise<Listening> {
  try {
    return await listen(app, host, port, { ...requestTimeouts, keepAliveMs, ...(onUpgrade && { onUpgrade }) });
  } catch (thrown) {
    throw new AddressInUse(explainListening(thrown, host, port), { cause: thrown });
  }
}

function explainListening(thrown: unknown, host: string, port: number): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use. Stop the process that uses it, or set PORT to another one.`;
  if (code === 'EACCES') return `Port ${port} needs more privileges. Set PORT to one above 1023.`;
  return `Cannot listen on ${host}:${port} (${code ?? thrown}). Check HOST and PORT.`;
}

function greeting(
  url: string,
  metricsUrl: string | undefined,
  { providers, models }: Gateway,
  { server, callers, jwt, allowsAnonymous, notices }: Config,
): string {
  const named = (access: ProviderAccess) => providers.filter((one) => one.access === access).map(({ id }) => id);
  const [real, sandbox] = [named('real'), named('sandbox')];
  const query = `{ chat(input: { model: "${firstModel(models, real)}", messages: [{ role: USER, content: "Hello!" }] }) { ... on Completion { text isSandbox } ... on ChatFailure { code message } } }`;
  return [
    `Parley serves ${url}/graphql${server.graphiql ? ' (open it in a browser for GraphiQL)' : ''}`,
    ...(server.graphiql ? [`  Compare models at ${url}/`] : []),
    `  APIs of OpenAI and Anthropic for their clients: ${url}/v1`,
    ...(metricsUrl === undefined ? [] : [`  metrics:  ${metricsUrl}/metrics`]),
    `  real:     ${real.join(', ') || 'none'}`,
    `  sandbox:  ${sandbox.join(', ') || 'none'}`,
    ...(sandbox.length > 0
      ? [
          '            Answered on this machine and free. Put a key into .env to use a real provider (see .env.example).',
        ]
      : []),
    ...(allowsAnonymous
      ? []
      : [`  callers:  ${[...callers.map(({ name }) => name), ...(jwt ? [jwt.issuer] : [])].join(', ')}`]),
    ...notices.map((remark) => `  note:     ${remark}`),
    '',
    'Try:',
    `  curl ${url}/graphql -H 'content-type: application/json'${allowsAnonymous ? '' : ' -H "authorization: Bearer $KEY"'} -d '${JSON.stringify({ query })}'`,
    '',
    '',
  ].join('\n');
}

/** A model that can be used now and is not retired, or a placeholder where none is listed. */
function firstModel(models: readonly Model[], [real = 'openai']: readonly string[]): string {
  const available = models.filter(({ provider }) => provider.access !== 'missing_key');
  return (available.find(({ facts }) => facts.status === 'active') ?? available[0])?.id ?? `${real}/MODEL`;
}
