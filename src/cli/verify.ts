import { closeSync, openSync, writeFileSync } from 'node:fs';
import { Secret } from '../core/secret.ts';
import type { CliSource } from './settings.ts';
import { stopSignal } from './stop-signal.ts';
import { createGatewayClient } from './verify/client.ts';
import { announce, checksOfAll, hasConsent } from './verify/consent.ts';
import { listModels } from './verify/listing.ts';
import { readOptions, UsageError, type VerifyOptions, verifyHelp } from './verify/options.ts';
import { chooseModels } from './verify/plan.ts';
import { createProgress } from './verify/progress.ts';
import { createReport } from './verify/report.ts';
import { runChecks } from './verify/run.ts';
import { formatReport } from './verify/table.ts';

/** The exit status that shells use for a program ended by Ctrl-C. */
const stoppedStatus = 130;

/** Sends each model one whole and one streamed request and checks the answers. Returns the exit status. */
export async function verify(args: string[], source: CliSource): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    process.stdout.write(verifyHelp);
    return 0;
  }
  const key = readKey(source.env['PARLEY_KEY']);
  const stop = new AbortController();
  void stopSignal().then(() => stop.abort());
  if (options.url) return await verifyAt(options.url, key, options, stop.signal, false);
  const { startOwnGateway } = await import('./verify/own-gateway.ts');
  await using own = await startOwnGateway({ ...source, allowSandbox: true });
  // Its sandbox answers for retired models, so that their encoders are checked too.
  return await verifyAt(own.url, key, options, stop.signal, true);
}

/** The report goes to stdout, everything else to stderr. */
async function verifyAt(
  url: URL,
  key: Secret | undefined,
  options: VerifyOptions,
  signal: AbortSignal,
  answersRetired: boolean,
) {
  const endpoint = new URL(url.pathname === '/' ? '/graphql' : url.pathname, url);
  const timeoutMs = options.timeout * 1_000;
  const client = createGatewayClient(endpoint, key);
  const listing = await listModels(client, endpoint, timeoutMs, signal, options.features);
  if (!listing) return stoppedStatus;
  const models = chooseModels(listing, options, answersRetired);
  if (options.json) requireWritable(options.json);

  console.error(`${announce(models)}\n`);
  const isFree = models.every(({ isSandbox }) => isSandbox);
  if (!isFree && !options.yes && process.stdin.isTTY && !(await hasConsent(signal))) {
    console.error('No request was sent.');
    return signal.aborted ? stoppedStatus : 1;
  }

  const startedAt = new Date();
  const begun = performance.now();
  const planned = checksOfAll(models);
  const { begin, end, clear } = createProgress(process.stderr, planned);
  const { concurrency } = options;
  const checks = await runChecks(models, { client, timeoutMs, concurrency, signal, onBegin: begin, onResult: end });
  clear();
  const durationMs = performance.now() - begun;
  const report = createReport({ startedAt, gateway: endpoint.href, planned, durationMs, checks });
  process.stdout.write(formatReport(report));
  if (options.json) writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  if (!report.isComplete) return stoppedStatus;
  return report.stats.failed > 0 ? 1 : 0;
}

function readKey(value: string | undefined): Secret | undefined {
  const key = value?.trim();
  if (!key) return undefined;
  if (!/^[\x21-\x7e]+$/.test(key))
    throw new UsageError('PARLEY_KEY contains a character that cannot be sent in a header.');
  return new Secret(key);
}

/** Fails before anything is paid for. */
function requireWritable(file: string): void {
  try {
    closeSync(openSync(file, 'a'));
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? ` (${thrown.code})` : '';
    throw new UsageError(`--json: cannot write ${file}${code}.`);
  }
}
