import type { RequestListener, ServerResponse } from 'node:http';
import { valuesOf } from '../http/headers.ts';
import { HttpError } from '../http/http-error.ts';
import { sendJson } from '../http/send-json.ts';
import { type HostRules, isAllowedHost } from './host-check.ts';
import { sendHttpError } from './send-http-error.ts';

/** Metrics in the text format of Prometheus. */
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

/** Metrics on a port of their own, without a key: every client that reaches the port may read them. */
export function createMetricsApp(metrics: MetricsText, hostRules: HostRules): RequestListener {
  const refuse = ({ status, code, message }: HttpError, response: ServerResponse) =>
    sendJson(response, status, { errors: [{ message, extensions: { code } }] });
  return (request, response) => {
    const [host] = valuesOf(request, 'host');
    if (!isAllowedHost(host, hostRules)) {
      const message = 'This server does not serve the host in the Host header.';
      return sendHttpError(request, response, new HttpError(400, 'BAD_HOST', message), refuse);
    }
    if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
      const message = 'Unknown path. This port serves GET /metrics.';
      return sendHttpError(request, response, new HttpError(404, 'NOT_FOUND', message), refuse);
    }
    sendMetrics(response, metrics).catch(() => response.destroy());
  };
}
