import type { Caller, CallerLimits } from '../core/caller.ts';
import { type ChatRequest, targetParameters } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import type { Amount } from '../core/limits.ts';
import type { Target } from '../core/model.ts';
import type { WorstCase } from '../core/operation.ts';
import { inputBytes } from './token-estimate.ts';

/** Refuses a request that is larger, or asks for more output, than its caller may. Nothing is truncated. */
export function checkSize(request: ChatRequest, { maxInputBytes, maxOutputTokens }: CallerLimits): void {
  if (maxInputBytes !== undefined && inputBytes(request) > maxInputBytes) {
    throw limitExceeded(
      'messages',
      `Request too large: at most ${maxInputBytes} bytes are allowed for this caller (maxInputBytes).`,
    );
  }
  if (maxOutputTokens !== undefined && (request.maxTokens ?? 0) > maxOutputTokens) {
    throw limitExceeded(
      'maxTokens',
      `At most ${maxOutputTokens} output tokens are allowed for this caller (maxOutputTokens).`,
    );
  }
}

export function limitExceeded(path: string, message: string): GatewayError {
  return new GatewayError('INVALID_REQUEST', `${path}: ${message}`, { issues: [{ path, message }] });
}

/**
 * The targets with the caller's output limit: it applies where neither the request nor a route sets maxTokens, and the
 * answer carries a warning.
 */
export function withOutputLimit(
  request: ChatRequest,
  targets: readonly Target[],
  { maxOutputTokens }: CallerLimits,
): readonly Target[] {
  if (maxOutputTokens === undefined || request.maxTokens !== undefined) return targets;
  return targets.map((target): Target => {
    const { parameters = targetParameters.parse({}), facts } = target;
    const own = parameters.maxTokens ?? facts?.maxOutputTokens ?? Infinity;
    if (parameters.maxTokens !== undefined && own <= maxOutputTokens) return target;
    const maxTokens = Math.min(own, maxOutputTokens);
    const message = `maxTokens was not set; using ${maxTokens} (your limit is ${maxOutputTokens})`;
    return { ...target, parameters: { ...parameters, maxTokens }, warnings: [{ option: 'maxTokens', message }] };
  });
}

/** The most that a request may take, whichever target answers. */
export function reservationFor(
  { limits: { tokensPerMinute, budgetPerDayUsd } }: Caller,
  targets: readonly Target[],
  worstCase: (target: Target) => WorstCase,
): Amount {
  if (tokensPerMinute === undefined && budgetPerDayUsd === undefined) return { tokens: 0, usd: 0 };
  const cases = targets.map(worstCase);
  const unpriced = targets[cases.findIndex(({ usd }) => usd === undefined)];
  if (unpriced && budgetPerDayUsd !== undefined) throw unpricedModel(unpriced);
  return {
    tokens: Math.max(...cases.map(({ tokens }) => tokens)),
    usd: Math.max(...cases.map(({ usd = 0 }) => usd)),
  };
}

/** Without a price a budget cannot be enforced. */
function unpricedModel({ provider, model }: Target): GatewayError {
  const message = `${provider}/${model.slice(0, 40)} has no known price, so it cannot be used with a spending limit. Choose a priced model or add it under "prices".`;
  return new GatewayError('MODEL_NOT_ALLOWED', `model: ${message}`, { issues: [{ path: 'model', message }] });
}
