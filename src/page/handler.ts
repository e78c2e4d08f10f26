import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { extname } from 'node:path';
import type { PageHandler } from '../http/face.ts';
import { type Asset, type Assets, isLazy, isScript, readAssets, toAsset } from './assets.ts';

/** Scripts, styles and connections of this origin only, nothing inline, and HTML from text only through DOMPurify. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  'media-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html dompurify',
].join('; ');

const headers: OutgoingHttpHeaders = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  vary: 'Accept-Encoding',
};

/** The page at `/`. It is the same for every visitor, holds no key, and uses the public API. */
export function createPage(): PageHandler {
  let reading: Promise<{ assets: Assets; document: Asset }> | undefined;
  return async (path, request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    if (path !== '/' && !path.startsWith('/page/')) return false;
    // Read with the first visit: a gateway without visitors keeps none of it in memory.
    reading ??= readPage();
    const { assets, document } = await reading;
    if (path === '/') {
      const tag = `"${assets.version}"`;
      const fresh = { 'cache-control': 'no-cache', etag: tag };
      if (request.headers['if-none-match'] === tag) response.writeHead(304, { ...headers, ...fresh }).end();
      else send(request, response, document, fresh);
      return true;
    }
    const asset = assets.files.get(path.slice(`/page/${assets.version}/`.length));
    if (!asset || !path.startsWith(`/page/${assets.version}/`)) return false;
    send(request, response, asset, { 'cache-control': 'public, max-age=31536000, immutable' });
    return true;
  };
}

async function readPage(): Promise<{ assets: Assets; document: Asset }> {
  const assets = await readAssets();
  return { assets, document: await toAsset('index.html', documentOf(assets)) };
}

function send(request: IncomingMessage, response: ServerResponse, asset: Asset, more: OutgoingHttpHeaders): void {
  const zips = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const bytes = zips ? asset.gzipped : asset.bytes;
  response.writeHead(200, {
    ...headers,
    ...more,
    'content-type': asset.type,
    'content-length': bytes.length,
    ...(zips && { 'content-encoding': 'gzip' }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

/** Lists all modules for preloading: a browser would otherwise discover them one import after the other. */
function documentOf({ version, files }: Assets): string {
  const base = `/page/${version}`;
  const names = [...files.keys()];
  const styles = names.filter((name) => extname(name) === '.css');
  const links = [
    ...styles.map((name) => `<link rel="stylesheet" href="${base}/${name}">`),
    ...names
      .filter((name) => isScript(name) && !isLazy(name))
      .map((name) => `<link rel="modulepreload" href="${base}/${name}">`),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Parley</title>
<link rel="icon" href="${base}/icon.svg">
${links.join('\n')}
<script type="module" src="${base}/main${extname(import.meta.url)}"></script>
</head>
<body>
<noscript>This page needs JavaScript. The API behind it does not: POST /graphql.</noscript>
</body>
</html>
`;
}
