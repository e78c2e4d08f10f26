import { writeSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** Preloaded into a gateway process (--import): tells on its terminal which modules it loads. */
registerHooks({
  load(url, context, nextLoad) {
    writeSync(2, `loaded ${url}\n`);
    return nextLoad(url, context);
  },
});
