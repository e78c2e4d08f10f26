import { assemble } from '../../src/assemble.ts';
import { loadSettings } from '../../src/cli/settings.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { serveYoga } from './serve-yoga.ts';

/** Parley's gateway behind Yoga with its defaults: only the face differs. */

const [, , port, directory = ''] = process.argv;
const config = loadSettings({ directory, env: {}, insecure: false });
const { gateway } = await assemble(config, createLog('silent'));
serveYoga(port, gateway);
