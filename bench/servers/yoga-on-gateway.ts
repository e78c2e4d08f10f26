import { assemble } from '../../src/assemble.ts';
import { loadSettings } from '../../src/cli/settings.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { serveYoga } from './serve-yoga.ts';

/** The gateway of Parley behind Yoga as it comes out of the box: what differs is the face alone. */

const [, , port, directory = ''] = process.argv;
const config = loadSettings({ directory, env: {}, insecure: false });
const { gateway } = await assemble(config, createLog('silent'));
serveYoga(port, gateway);
