import type { Mode, ProviderAdapter } from '../core/adapter.ts';
import { collect, tell } from '../core/collect.ts';
import type { Answer, AnswerEvent, Usage, Warning } from '../core/completion.ts';
import { GatewayError } from '../core/errors.ts';
import type { Connection, Upstream, UpstreamResponse } from '../core/ports.ts';
import { decodeBatches } from '../core/stream.ts';
import type { Try } from './call.ts';
import { awaitContent } from './gate.ts';
import { type FetchImage, withInlineImages } from './inline-images.ts';

/** One try at one target with one key: encode, send, decode. */

/** All that it takes to ask one provider. */
export type Line = {
  readonly adapter: ProviderAdapter;
  readonly connection: Connection;
  readonly upstream: Upstream;
  readonly fetchImage: FetchImage | undefined;
};

export type WholeAttempt = { readonly answer: Answer; readonly warnings: readonly Warning[]; readonly status: number };

export type StreamAttempt = {
  /** From the first content on. */
  readonly batches: AsyncIterableIterator<readonly AnswerEvent[]>;
  readonly warnings: readonly Warning[];
  readonly status: number;
  usage(): Usage | undefined;
};

export async function askWhole(attempt: Try): Promise<WholeAttempt> {
  const { call, target, line } = attempt;
  if (line.adapter.streamsOnly?.(call.request, target)) return askWholeByStream(attempt);
  const { warnings, response } = await open(attempt, 'whole');
  const answer = line.adapter.decode(await response.json());
  return { answer, warnings, status: response.status };
}

async function askWholeByStream(attempt: Try): Promise<WholeAttempt> {
  const { batches, warnings, status } = await askStream(attempt);
  return { answer: collect((await Array.fromAsync(batches)).flat()), warnings, status };
}

export async function askStream(attempt: Try): Promise<StreamAttempt> {
  const contentCame = attempt.clock.awaitContent();
  try {
    const { warnings, response } = await open(attempt, 'stream');
    const { adapter } = attempt.line;
    const decoder = adapter.decodeStream();
    // A body that says it is JSON is an error, or the whole answer of a server that does not stream.
    const events = isJson(response) ? wholeAsStream(adapter, response) : decodeBatches(decoder, response.events());
    const batches = await awaitContent(attempt.clock.watch(events));
    return { batches, warnings, status: response.status, usage: decoder.usage };
  } finally {
    contentCame();
  }
}

async function open(
  { call, target, line: { adapter, connection, upstream, fetchImage }, key, clock }: Try,
  mode: Mode,
): Promise<{ warnings: readonly Warning[]; response: UpstreamResponse }> {
  const request =
    fetchImage && adapter.imagesInline
      ? await withInlineImages(call.request, target, fetchImage, clock.signal)
      : call.request;
  const { path, body, warnings } = adapter.encode(request, target, mode);
  const response = await upstream.send({
    url: joinUrl(connection.baseUrl, path),
    headers: key === undefined ? {} : adapter.authorize(key),
    body,
    signal: clock.signal,
  });
  const { status, headers } = response;
  const misplaced = misplacedAnswer(adapter.id, response);
  if (misplaced) {
    response.discard();
    throw misplaced;
  }
  if (status >= 200 && status < 300) return { warnings, response };
  throw adapter.decodeFailure({ status, headers, body: await response.text() });
}

/** Answers of something that is no API: the base URL leads elsewhere. */
function misplacedAnswer(provider: string, response: UpstreamResponse): GatewayError | undefined {
  const { status } = response;
  if (status >= 300 && status < 400) {
    const message = `${provider} answered with a redirect, which is never followed: check its base URL.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status, retryable: false });
  }
  if (status < 300 && contentType(response).startsWith('text/html')) {
    const message = `${provider} answered with a web page: check its base URL.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status });
  }
  return undefined;
}

/** Some people write a base URL with the version, some without. */
export function joinUrl(base: URL, path: string): URL {
  const prefix = base.pathname.replace(/\/+$/, '');
  const version = /^\/v\d[^/]*(?=\/)/.exec(path)?.[0];
  const joined = version && prefix.endsWith(version) ? prefix + path.slice(version.length) : prefix + path;
  const url = new URL(base);
  const [pathname = '', search = ''] = joined.split('?');
  url.pathname = pathname;
  for (const [name, value] of new URLSearchParams(search)) url.searchParams.set(name, value);
  return url;
}

function contentType({ headers }: UpstreamResponse): string {
  return String(headers['content-type'] ?? '').toLowerCase();
}

function isJson(response: UpstreamResponse): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(contentType(response));
}

async function* wholeAsStream(
  adapter: ProviderAdapter,
  response: UpstreamResponse,
): AsyncGenerator<readonly AnswerEvent[]> {
  yield [...tell(adapter.decode(await response.json()))];
}
