import { type FailureCode, failureCodes } from '../core/errors.ts';
import type { CallFacts, CallOutcome, Observer } from '../core/observer.ts';
import type { Log } from '../core/ports.ts';
import type { CallCounter } from './call-batcher.ts';
import { toSafeName } from './safe-name.ts';

export type AccessLog = CallCounter & Pick<Observer, 'refused'>;

/** One line for each call, at its end, and one for each request that became none. It is built from names, codes and numbers: there is nothing in it to be redacted. */
export function createAccessLog(log: Log): AccessLog {
  return {
    count: ({ facts, outcome }) => log[levelOf(outcome.code)](toFields(facts, outcome), toSentence(facts, outcome)),
    refused({ face, code, caller, requestId, operation }) {
      // Whoever has not said who they are writes nothing into the log: it would be theirs to fill.
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

/** Who leaves, and who asks for what is not to be had, is no trouble of ours; a provider that fails is, and a defect more so. */
function levelOf(code: FailureCode | undefined): keyof Log {
  if (code === undefined || code === 'CANCELLED') return 'info';
  if (code === 'INTERNAL') return 'error';
  return code.startsWith('UPSTREAM_') || failureCodes[code].retryable ? 'warn' : 'info';
}

/** What a tired person reads first. */
function toSentence({ mode, provider, model }: CallFacts, { code, latencyMs }: CallOutcome): string {
  const what = mode === 'stream' ? 'chatStream' : 'chat';
  return `${what} ${toSafeName(`${provider}/${model}`)} ${code ?? 'ok'} in ${latencyMs} ms`;
}

/** What is undefined is not written. */
function toFields(facts: CallFacts, outcome: CallOutcome): Readonly<Record<string, unknown>> {
  const { attempts, usage, cost, timeToFirstTokenMs, latencyMs, overheadMs } = outcome;
  const { cacheReadInputTokens: cached, reasoningOutputTokens: reasoning } = usage ?? {};
  const failed = attempts.filter(({ code }) => code !== undefined);
  return {
    requestId: toSafeName(facts.requestId),
    caller: facts.caller,
    face: facts.face,
    operation: facts.operation && toSafeName(facts.operation),
    provider: toSafeName(outcome.provider),
    model: toSafeName(outcome.model),
    code: outcome.code ?? 'OK',
    attempts: attempts.length,
    // Why the first one was not enough.
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
