import type { Attempt, CompletionEnd, Cost, Expense, Provenance, Timing, Usage, Warning } from '../core/completion.ts';
import type { HeaderFields } from '../http/headers.ts';
import type { FieldNames } from './field-names.ts';
import type { CompletionUsage, XParley, XParleyAttempt, XParleyCost, XParleyExpense, XParleyWarning } from './wire.ts';

/** Parley's extensions of OpenAI's shapes: `x_parley` in the body and `x-parley-*` headers. */

/** The target that answers. */
export type TargetInfo = { readonly provider: string; readonly model: string; readonly isSandbox: boolean };

export function toXParley(
  { provider, isSandbox }: TargetInfo,
  ending: CompletionEnd & Provenance,
  warnings: readonly Warning[],
): XParley {
  const { finishReason, rawFinishReason, attempts, citations, providerState, object, usage } = ending;
  return {
    provider,
    is_sandbox: isSandbox,
    finish_reason: finishReason,
    ...(rawFinishReason !== undefined && { raw_finish_reason: rawFinishReason }),
    warnings: warnings.map(toXParleyWarning),
    attempts: attempts.map(toXParleyAttempt),
    ...toXParleyExpense(ending),
    ...(citations.length > 0 && {
      citations: citations.map(({ url, title, text, places }) => ({
        url,
        ...(title !== undefined && { title }),
        ...(text !== undefined && { text }),
        ...(places && { places }),
      })),
    }),
    ...(providerState !== undefined && { provider_state: providerState }),
    ...(object !== undefined && { object }),
    ...(usage?.serverToolCalls && { server_tool_calls: usage.serverToolCalls }),
  };
}

export function toXParleyExpense({ latencyMs, timeToFirstTokenMs, overheadMs, cost }: Expense): XParleyExpense {
  return {
    latency_ms: latencyMs,
    ...(timeToFirstTokenMs !== undefined && { time_to_first_token_ms: timeToFirstTokenMs }),
    overhead_ms: overheadMs,
    ...(cost && { cost: toXParleyCost(cost) }),
  };
}

export function toXParleyAttempt({ provider, model, key, code, status, durationMs }: Attempt): XParleyAttempt {
  return { provider, model, key: key ?? null, code: code ?? null, status: status ?? null, duration_ms: durationMs };
}

function toXParleyWarning({ option, message }: Warning): XParleyWarning {
  return { option, message };
}

function toXParleyCost({ total, input, output, saved, currency, priceSource, pricedAt }: Cost): XParleyCost {
  return {
    total,
    input,
    output,
    ...(saved !== undefined && { saved }),
    currency,
    price_source: priceSource,
    priced_at: pricedAt,
  };
}

/** OpenAI counts in the same way: cached tokens within the prompt, reasoning within the completion. */
export function toUsage(usage: Usage | undefined): CompletionUsage | undefined {
  if (usage?.inputTokens === undefined || usage.outputTokens === undefined) return undefined;
  const { cacheReadInputTokens: read, cacheWriteInputTokens: written, reasoningOutputTokens: reasoning } = usage;
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.totalTokens ?? usage.inputTokens + usage.outputTokens,
    ...((read !== undefined || written !== undefined) && {
      prompt_tokens_details: {
        ...(read !== undefined && { cached_tokens: read }),
        ...(written !== undefined && { cache_write_tokens: written }),
      },
    }),
    ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
  };
}

/** Warnings with option names in OpenAI's spelling. */
export function toOpenAiWarnings(warnings: readonly Warning[], spelling: FieldNames): readonly Warning[] {
  return warnings.map(({ option, message }) => ({ option: spelling.path(option), message: spelling.text(message) }));
}

/** Headers of an answer, as far as they are known when its head is sent. */
export function toHeaders({ provider, model, isSandbox }: TargetInfo, warnings: readonly Warning[]): HeaderFields {
  return {
    'x-parley-provider': toHeaderValue(provider),
    'x-parley-model': toHeaderValue(model),
    ...(isSandbox && { 'x-parley-sandbox': 'true' }),
    ...toWarningHeader(warnings),
  };
}

export function toWarningHeader(warnings: readonly Warning[]): HeaderFields {
  if (warnings.length === 0) return {};
  return { 'x-parley-warnings': warnings.map(({ option }) => toHeaderValue(option)).join(', ') };
}

/** Server-Timing (W3C) up to the head: for a stream, up to its first content. */
export function toTimingHeaders({ latencyMs, overheadMs }: Timing): HeaderFields {
  return {
    'x-parley-overhead-ms': String(overheadMs),
    'server-timing': `total;dur=${latencyMs}, parley;dur=${overheadMs}`,
  };
}

const maxHeaderChars = 256;

/** Model names and unknown fields are foreign text: only characters that are harmless in a header stay. */
export function toHeaderValue(text: string): string {
  return text.slice(0, maxHeaderChars).replace(/[^\x21-\x2b\x2d-\x7e]/g, '_');
}
