/** The header in which a request tells the local server where it wanted to go. */
export const wantedOrigin = 'x-wanted-origin';

/** What SDKs read from the environment: other addresses, keys and headers. */
const vendorSettings = /^(OPENAI|ANTHROPIC|MISTRAL|COHERE|CO|GOOGLE|GEMINI)_/;

/**
 * From now on `fetch` takes every request to the local server, and nothing can leave this machine. So each SDK keeps the
 * base URL of its vendor, which is then witnessed too. What it gives puts the real `fetch` back.
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
