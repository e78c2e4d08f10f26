import { LRUCache } from 'lru-cache';

/** URLs by base and path. Some paths hold a model's name, which a caller chooses, so their number is bounded. */
const urls = new WeakMap<URL, LRUCache<string, URL>>();
const maxUrls = 100;

/** The URL of an endpoint: joining and parsing one takes as long as encoding a small request. */
export function endpointUrl(base: URL, path: string): URL {
  const known = urls.get(base) ?? new LRUCache<string, URL>({ max: maxUrls });
  urls.set(base, known);
  const url = known.get(path);
  if (url) return url;
  const joined = joinUrl(base, path);
  known.set(path, joined);
  return joined;
}

/** Joins a base URL and a path. A version that ends the base and begins the path counts once: operators write it or not. */
export function joinUrl(base: URL, path: string): URL {
  const prefix = base.pathname.replace(/\/+$/, '');
  const version = /^\/v\d[^/]*(?=\/)/.exec(path)?.[0];
  const joined = version && prefix.endsWith(version) ? prefix + path.slice(version.length) : prefix + path;
  const url = new URL(base);
  const [pathname = '', search] = joined.split('?');
  url.pathname = pathname;
  if (search === undefined) return url;
  for (const [name, value] of new URLSearchParams(search)) url.searchParams.set(name, value);
  return url;
}
