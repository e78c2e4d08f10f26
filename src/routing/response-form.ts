import { GatewayError } from '../core/errors.ts';
import type { UpstreamResponse } from '../core/ports.ts';

/** The form of a response, by its head: JSON, an event stream, or nothing of the API. */

/** A response of something that is not the API, or stands in front of it. */
export function misplacedResponse(provider: string, response: UpstreamResponse): GatewayError | undefined {
  const { status } = response;
  if (status >= 300 && status < 400) {
    const message = `${provider} responded with a redirect, which is never followed. Check its base URL.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status, retryable: false });
  }
  const coding = String(response.headers['content-encoding'] ?? 'identity');
  if (status < 300 && coding !== 'identity') {
    // The gateway asks for none, and a small body may unfold into one that fills the memory.
    const message = `${provider} responded with Content-Encoding ${coding.slice(0, 20)}, which was not requested. Check the proxy in front of it.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status });
  }
  if (status < 300 && contentType(response).startsWith('text/html')) {
    const message = `${provider} responded with a web page instead of JSON. Check its base URL.`;
    return new GatewayError('UPSTREAM_MALFORMED', message, { status });
  }
  return undefined;
}

function contentType({ headers }: UpstreamResponse): string {
  return String(headers['content-type'] ?? '').toLowerCase();
}

export function isJson(response: UpstreamResponse): boolean {
  return /^application\/([\w.-]+\+)?json\b/.test(contentType(response));
}

export function isEventStream(response: UpstreamResponse): boolean {
  return contentType(response).startsWith('text/event-stream');
}
