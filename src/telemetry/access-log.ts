import { type FailureCode, failureCodes } from '../core/errors.ts';
import type { CallFacts, CallOutcome, Observer } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { CallCounter } from './call-batcher.ts';
import { toSafeName } from './safe-name.ts';

export type AccessLog = CallCounter & Pick<Observer, 'refused'>;

/**
 * One log line per request at its end, and one for each refused request. Lines hold names, codes and numbers only, so
 * nothing needs redaction.
 */
export function createAccessLog(log: Log): AccessLog {
  return {
    count: ({ facts, outcome }) => log[levelOf(outcome.code)](toFields(facts, outcome), toSentence(facts, outcome)),
    refused({ face, code, caller, requestId, operation }) {
      // No line for unauthenticated requests: strangers could fill the log.
      if (caller === undefined) return;
      const names = {
        requestId: requestId && toSafeName(requestId),
        caller,
        face,
        operation: operation && toSafeName(operation),
      };
      log.info({ ...names, code }, `refused ${face} ${code}`);
    },
  };
}

/**
 * Client disconnects and invalid requests are no problem of the operator; provider failures are warnings, defects are
 * errors.
 */
function levelOf(code: FailureCode | undefined): keyof Log {
  if (code === undefined || code === 'CANCELLED') return 'info';
  if (code === 'INTERNAL') return 'error';
  return code.startsWith('UPSTREAM_') || failureCodes[code].retryable ? 'warn' : 'info';
}

/** The summary that people read first. */
function toSentence({ operationName, mode, provider, model }: CallFacts, { code, latencyMs }: CallOutcome): string {
  const words = { chat: mode === 'stream' ? 'chatStream' : 'chat', embeddings: 'embed', count_tokens: 'count tokens' };
  const what = words[operationName];
  return `${what} ${toSafeName(`${provider}/${model}`)} ${code ?? 'ok'} in ${latencyMs} ms`;
}

/** Undefined fields are left out. */
function toFields(facts: CallFacts, outcome: CallOutcome): Readonly<Record<string, unknown>> {
  const { attempts, usage, cost, timeToFirstTokenMs, latencyMs, overheadMs } = outcome;
  const { cacheReadInputTokens: cached, reasoningOutputTokens: reasoning } = usage ?? {};
  const failed = attempts.filter(({ code }) => code !== undefined);
  return {
    requestId: toSafeName(facts.requestId),
    callId: facts.callId,
    caller: facts.caller,
    face: facts.face,
    operation: facts.operation && toSafeName(facts.operation),
    provider: toSafeName(outcome.provider),
    model: toSafeName(outcome.model),
    code: outcome.code ?? 'OK',
    attempts: attempts.length,
    resumes: outcome.resumes,
    // Why the first attempt was not enough.
    failed: failed.length > 0 ? failed.map(toWords) : undefined,
    latencyMs,
    timeToFirstTokenMs,
    overheadMs,
    inputTokens: usage?.inputTokens,
    cachedTokens: cached || undefined,
    outputTokens: usage?.outputTokens,
    reasoningTokens: reasoning || undefined,
    costUsd: cost?.total,
  };
}

function toWords({ provider, model, key, code, status, durationMs }: CallOutcome['attempts'][number]): string {
  const parts = [toSafeName(`${provider}/${model}`), key, code, status, `${durationMs} ms`];
  return parts.filter((part) => part !== undefined).join(' ');
}
