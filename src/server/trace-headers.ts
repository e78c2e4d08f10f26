import type { IncomingMessage } from 'node:http';
import type { TraceHeaders } from '../core/observer.ts';
import { valuesOf } from '../http/headers.ts';

/** W3C Trace Context §3.2: a header that was sent twice is ignored. */
export function traceOf(request: IncomingMessage): TraceHeaders {
  const [traceparent, second] = valuesOf(request, 'traceparent');
  if (traceparent === undefined || second !== undefined) return {};
  const states = valuesOf(request, 'tracestate');
  return { traceparent, ...(states.length > 0 && { tracestate: states.join(',') }) };
}
