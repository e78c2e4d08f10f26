/** The header that carries the requested URL to the local server. */
export const wantedOrigin = 'x-wanted-origin';

/** Environment variables that SDKs read: addresses, keys and headers. */
const vendorSettings = /^(OPENAI|ANTHROPIC|MISTRAL|COHERE|CO|GOOGLE|GEMINI)_/;

/**
 * Redirects `fetch` to the local server, so that nothing can leave this machine. Each SDK keeps the base URL of its vendor,
 * which is checked, too. The result restores the real `fetch`.
 */
export function takeFetch(serverUrl: string, folders: Readonly<Record<string, string>> = {}): () => void {
  const realFetch = globalThis.fetch;
  const settings = Object.entries(process.env).filter(([name]) => vendorSettings.test(name));
  for (const [name] of settings) delete process.env[name];
  globalThis.fetch = async (input, init) => {
    const wanted = new Request(input, init);
    const { origin, pathname, search } = new URL(wanted.url);
    const headers = new Headers(wanted.headers);
    headers.set(wantedOrigin, origin);
    const body = wanted.body === null ? null : await wanted.text();
    return realFetch(serverUrl + (folders[origin] ?? '') + pathname + search, { method: wanted.method, headers, body });
  };
  return () => {
    globalThis.fetch = realFetch;
    Object.assign(process.env, Object.fromEntries(settings));
  };
}
