import { createServer } from 'node:http';
import { createYoga } from 'graphql-yoga';
import { assemble } from '../../src/assemble.ts';
import { loadSettings } from '../../src/cli/settings.ts';
import { anonymous } from '../../src/core/caller.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createLog } from '../../src/telemetry/log.ts';

/** The gateway of Parley behind Yoga as it comes out of the box: what differs is the face alone. */

const [, , port, directory = ''] = process.argv;
const config = loadSettings({ directory, env: {}, insecure: false });
const { gateway } = await assemble(config, createLog('silent'));
const yoga = createYoga({
  schema,
  context: ({ request }) => {
    // Yoga's signal is no AbortSignal on this Node.
    const leaving = new AbortController();
    request.signal.addEventListener('abort', () => leaving.abort());
    return { gateway, caller: anonymous, signal: leaving.signal };
  },
  logging: false,
});
createServer(yoga).listen(Number(port), '127.0.0.1', () => console.log('ready'));
