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
import type { CallFacts, CallObserver, CallOutcome, TraceHeaders } from '../core/observer.ts';
import { toSafeName } from './safe-name.ts';

/**
 * A span for each call and one in it for each try, named and described as OpenTelemetry's GenAI conventions have it. Without an
 * SDK, which is the operator's to bring, the API does nothing.
 */

export type SpanSettings = {
  /** Whether providers are told the trace. */
  readonly propagate: boolean;
};

export type Spans = {
  /** Nothing, where nobody takes spans. */
  begins(facts: CallFacts): CallObserver | undefined;
};

export function createSpans({ propagate }: SpanSettings): Spans {
  const tracer = trace.getTracer('parley');
  return {
    begins(facts) {
      if (!hasSdk()) return undefined;
      const parent = parentOf(facts.trace ?? {});
      const name = `chat ${toSafeName(facts.model)}`;
      const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL, attributes: toAttributes(facts) }, parent);
      const within = trace.setSpan(parent, span);
      return {
        attempt(target) {
          const attributes = targetAttributes(target);
          const own = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, within);
          return {
            headers: propagate ? headersOf(trace.setSpan(within, own)) : {},
            ended: (attempt) => endTry(own, attempt),
          };
        },
        firstContent: () => span.addEvent('first content'),
        ended: (outcome) => endCall(span, outcome),
      };
    },
  };
}

/** Whether somebody takes spans: describing calls to nobody is a third of what keeping count of them costs. */
function hasSdk(): boolean {
  const provider = trace.getTracerProvider();
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer('parley') !== undefined;
}

/** What runs around the call in this process, if it is traced; else what the caller sent. */
function parentOf(sent: TraceHeaders): Context {
  const active = context.active();
  return trace.getSpan(active) ? active : propagation.extract(active, sent);
}

/** The trace alone: baggage, which may hold anything, is not the provider's. */
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
    ...targetAttributes(facts),
    'gen_ai.request.stream': mode === 'stream',
    'parley.caller': caller,
    'parley.request.id': toSafeName(requestId),
    ...(face && { 'parley.face': face }),
    ...(operation && { 'graphql.operation.name': toSafeName(operation) }),
  };
}

function targetAttributes({ provider, model }: { readonly provider: string; readonly model: string }): Attributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': toSafeName(provider),
    'gen_ai.request.model': toSafeName(model),
  };
}

function endTry(span: Span, { key, code, status }: Attempt): void {
  if (key !== undefined) span.setAttribute('parley.key', key);
  if (status !== undefined) span.setAttribute('http.response.status_code', status);
  end(span, code);
}

function endCall(span: Span, { provider, model, usage, cost, attempts, overheadMs, ...outcome }: CallOutcome): void {
  const numbers = {
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadInputTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteInputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningOutputTokens,
    'parley.cost.usd': cost?.total,
    'parley.attempts': attempts.length,
    'parley.overhead_ms': overheadMs,
    'parley.time_to_first_token_ms': outcome.timeToFirstTokenMs,
  };
  for (const [name, value] of Object.entries(numbers)) if (value !== undefined) span.setAttribute(name, value);
  // Who answered in the end.
  span.setAttributes(targetAttributes({ provider, model }));
  end(span, outcome.code);
}

/** A caller who left is no error of the server (OpenTelemetry's conventions for cancelled requests). */
function end(span: Span, code: CallOutcome['code']): void {
  if (code !== undefined) span.setAttribute('error.type', code);
  if (code !== undefined && code !== 'CANCELLED') span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
