import {
  type Attributes,
  type Context,
  context,
  ProxyTracerProvider,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Attempt } from '../core/completion.ts';
import type { CallFacts, CallObserver, CallOutcome, ResponseFacts, TraceHeaders } from '../core/observer.ts';
import type { OperationName } from '../core/operation.ts';
import { toProviderName } from './provider-name.ts';
import { toSafeName } from './safe-name.ts';

/**
 * A span for each request and one for each attempt, by OpenTelemetry's GenAI conventions. Without an SDK, which the
 * operator provides, the API does nothing.
 */

export type SpanSettings = {
  /** Whether providers get the trace headers. */
  readonly propagate: boolean;
};

export type Spans = {
  /** Undefined without an SDK. */
  begins(facts: CallFacts): CallObserver | undefined;
};

export function createSpans({ propagate }: SpanSettings): Spans {
  const tracer = trace.getTracer('parley');
  return {
    begins(facts) {
      if (!hasSdk()) return undefined;
      const parent = parentOf(facts.trace ?? {});
      const name = `${facts.operationName} ${toSafeName(facts.model)}`;
      const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes: toAttributes(facts) }, parent);
      const within = trace.setSpan(parent, span);
      return {
        attempt(target) {
          const attributes = targetAttributes(facts.operationName, target);
          const own = tracer.startSpan(
            `${facts.operationName} ${toSafeName(target.model)}`,
            { kind: SpanKind.CLIENT, attributes },
            within,
          );
          return {
            headers: propagate ? headersOf(trace.setSpan(within, own)) : {},
            ended: (attempt, response) => endAttempt(own, attempt, response),
          };
        },
        firstContent: () => span.addEvent('first content'),
        ended: (outcome) => endCall(span, outcome),
      };
    },
  };
}

/** Whether an SDK is registered: describing spans without one would be a third of telemetry's cost. */
function hasSdk(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('parley') !== undefined;
}

/** The active span of this process, or else the caller's trace. */
function parentOf(sent: TraceHeaders): Context {
  const active = context.active();
  return trace.getSpan(active) ? active : propagation.extract(active, sent);
}

/** Trace headers only: baggage may hold anything and is not for the provider. */
function headersOf(within: Context): Readonly<Record<string, string>> {
  const { traceparent, tracestate } = inject(within);
  return { ...(traceparent && { traceparent }), ...(tracestate && { tracestate }) };
}

function inject(within: Context): { traceparent?: string; tracestate?: string } {
  const carrier = {};
  propagation.inject(within, carrier);
  return carrier;
}

function toAttributes(facts: CallFacts): Attributes {
  const { mode, caller, requestId, face, operation } = facts;
  return {
    ...targetAttributes(facts.operationName, facts),
    'gen_ai.request.stream': mode === 'stream',
    'parley.caller': caller,
    'parley.request.id': toSafeName(requestId),
    ...(face && { 'parley.face': face }),
    ...(operation && { 'graphql.operation.name': toSafeName(operation) }),
  };
}

function targetAttributes(
  operation: OperationName,
  { provider, model }: { readonly provider: string; readonly model: string },
): Attributes {
  return {
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': toSafeName(toProviderName(provider)),
    'gen_ai.request.model': toSafeName(model),
  };
}

/** The answer, as the provider describes it. The requested model stays as it was asked for. */
function setResponse(span: Span, { id, model, finishReason }: ResponseFacts): void {
  span.setAttribute('gen_ai.response.id', toSafeName(id));
  span.setAttribute('gen_ai.response.model', toSafeName(model));
  if (finishReason) span.setAttribute('gen_ai.response.finish_reasons', [finishReason]);
}

function endAttempt(span: Span, { key, code, status }: Attempt, response: ResponseFacts | undefined): void {
  if (response) setResponse(span, response);
  if (key !== undefined) span.setAttribute('parley.key', key);
  if (status !== undefined) span.setAttribute('http.response.status_code', status);
  end(span, code);
}

function endCall(span: Span, { usage, cost, attempts, overheadMs, response, ...outcome }: CallOutcome): void {
  const numbers = {
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteInputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningOutputTokens,
    'parley.cost.usd': cost?.total,
    'parley.attempts': attempts.length,
    'parley.overhead_ms': overheadMs,
    // In seconds, unlike our own.
    'gen_ai.response.time_to_first_chunk':
      outcome.timeToFirstTokenMs === undefined ? undefined : outcome.timeToFirstTokenMs / 1000,
  };
  for (const [name, value] of Object.entries(numbers)) if (value !== undefined) span.setAttribute(name, value);
  if (response) setResponse(span, response);
  // A fallback may have answered.
  span.setAttribute('parley.provider', toSafeName(outcome.provider));
  end(span, outcome.code);
}

/** A client that disconnects is no error of the server (OpenTelemetry's conventions for cancelled requests). */
function end(span: Span, code: CallOutcome['code']): void {
  if (code !== undefined) span.setAttribute('error.type', code);
  if (code !== undefined && code !== 'CANCELLED') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
