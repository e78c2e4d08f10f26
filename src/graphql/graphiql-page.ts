import type { Caller } from '../core/caller.ts';
import type { PageHandler } from '../http/face.ts';
import type { YogaPath } from './yoga-path.ts';

/** A visitor of the page. The page is the same for all; what it then sends needs a key like every other request. */
const visitor: Caller = { id: 'visitor', admin: false, persistedOnly: true, models: [], limits: {} };

/** GraphiQL at `/graphql`, for browsers that ask for HTML. */
export function createGraphiqlPage(yogaPath: YogaPath): PageHandler {
  return async (path, { method, url = '/', headers }, response) => {
    if (path !== '/graphql' || method !== 'GET' || !(headers.accept ?? '').includes('text/html')) return false;
    const target = new URL(url, `http://${headers.host}`).href;
    const { signal } = new AbortController();
    await yogaPath.handle({ method, url: target, headers, body: '', caller: visitor, signal, trace: {} }, response);
    return true;
  };
}
