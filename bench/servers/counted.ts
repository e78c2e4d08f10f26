import { openSync } from 'node:fs';
import { join } from 'node:path';
import { assemble } from '../../src/assemble.ts';
import { loadSettings } from '../../src/cli/settings.ts';
import { listen } from '../../src/server/listen.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { observeAll } from '../../src/telemetry/observers.ts';
import { createTelemetry, type Telemetry, type TelemetryParts } from '../../src/telemetry/telemetry.ts';

/** The gateway as it is, or one that nobody keeps count of: no line, no metric, no span, no usage. */

const [, , port, directory = '', counted] = process.argv;

function createSilence(parts: TelemetryParts): Telemetry {
  return { ...createTelemetry(parts), observer: observeAll([]) };
}

const config = loadSettings({ directory, env: process.env, insecure: false });
// To a file: whoever starts this has no time to read a pipe.
const output = { fd: openSync(join(directory, 'log'), 'w'), isTTY: false } as NodeJS.WriteStream & { fd: number };
const { app } = await assemble(config, createLog('info', output), counted === 'on' ? createTelemetry : createSilence);
await listen(app, '127.0.0.1', Number(port));
console.log('ready');
