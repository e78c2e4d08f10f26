import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

let isSandboxTold = false;

/**
 * Preloaded into a gateway process (--import): prints which modules of Parley it loads, and the first module of the sandbox. Not
 * all modules: a pipe holds 64 kB, and a write to a full one throws.
 */
registerHooks({
  load(url, context, nextLoad) {
    const isSandbox = url.includes('/@copilotkit/');
    if ((isSandbox && !isSandboxTold) || /\/src\/[^?]*\.ts$/.test(url)) writeSync(2, `loaded ${url}\n`);
    isSandboxTold ||= isSandbox;
    return nextLoad(url, context);
  },
});
