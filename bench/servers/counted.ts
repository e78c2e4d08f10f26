import { appendFileSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '../../src/assemble.ts';
import { loadSettings } from '../../src/cli/settings.ts';
import type { CallObserver, Observer } from '../../src/core/observer.ts';
import { listen } from '../../src/server/listen.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { noopObserver } from '../../src/telemetry/observer.ts';
import { createTelemetry, type Telemetry, type TelemetryParts } from '../../src/telemetry/telemetry.ts';
import { type Moment, momentMs } from '../moments.ts';

/**
 * A gateway that switches telemetry (log, metrics, spans, usage) on and off in alternating periods. One process, so that both
 * modes are equally warm. Each period is a line of the file `moments`.
 */

const [, , port, directory = ''] = process.argv;
let calls = 0;
let isCounted = true;

function createSwitched(parts: TelemetryParts): Telemetry {
  const telemetry = createTelemetry(parts);
  const watched = (observer: CallObserver): CallObserver => ({
    ...observer,
    ended(outcome) {
      calls += 1;
      observer.ended(outcome);
    },
  });
  const observer: Observer = {
    ...telemetry.observer,
    begin: (facts) => watched((isCounted ? telemetry.observer : noopObserver).begin(facts)),
  };
  let since = process.cpuUsage();
  setInterval(() => {
    // What is still queued belongs to this period.
    telemetry.flush();
    const { user, system } = process.cpuUsage(since);
    const moment: Moment = { isCounted, microseconds: user + system, calls };
    appendFileSync(join(directory, 'moments'), `${JSON.stringify(moment)}\n`);
    isCounted = !isCounted;
    calls = 0;
    since = process.cpuUsage();
  }, momentMs).unref();
  return { ...telemetry, observer };
}

const config = loadSettings({ directory, env: process.env, insecure: false });
// To a file: the parent has no time to read a pipe.
const output = { fd: openSync(join(directory, 'log'), 'w'), isTTY: false } as NodeJS.WriteStream & { fd: number };
const { app } = await assemble(config, createLog('info', output), createSwitched);
await listen(app, '127.0.0.1', Number(port));
console.log('ready');
