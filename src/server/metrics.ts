import type { RequestListener, ServerResponse } from 'node:http';
import { valuesOf } from '../http/headers.ts';
import { type HostRules, isAllowedHost } from './host-check.ts';
import { HttpError, sendHttpError } from './http-error.ts';

/** What Prometheus reads. */
export type MetricsText = { readonly contentType: string; text(): Promise<string> };

export async function sendMetrics(response: ServerResponse, { contentType, text }: MetricsText): Promise<void> {
  const body = Buffer.from(await text());
  response.writeHead(200, {
    'content-type': contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(body);
}

/** Metrics on a port of their own, where nobody is asked for a key: whoever can reach it may read them. */
export function createMetricsApp(metrics: MetricsText, hosts: HostRules): RequestListener {
  return (request, response) => {
    const [host] = valuesOf(request, 'host');
    if (!isAllowedHost(host, hosts)) {
      return sendHttpError(
        request,
        response,
        new HttpError(400, 'BAD_HOST', 'This server does not answer to this host.'),
      );
    }
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
      return sendHttpError(request, response, new HttpError(404, 'NOT_FOUND', 'There is only GET /metrics here.'));
    }
    sendMetrics(response, metrics).catch(() => response.destroy());
  };
}
