import type { Mode } from '../core/adapter.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Delta, ProviderCompletion, Usage } from '../core/completion.ts';
import { type FailureCode, isLocalAbort } from '../core/errors.ts';
import type { Amount } from '../core/limits.ts';
import type { Target } from '../core/model.ts';
import type { CostOf, UsageMeter } from '../core/operation.ts';
import type { Clock } from '../core/ports.ts';
import { inputTokens, outputLimit, plainUsage, tokensOfBytes, worstCase } from './token-estimate.ts';

const nothing: Amount = { tokens: 0, usd: 0 };

/** Failures of a provider that had begun to work, which it may charge for. */
const chargeableFailures: ReadonlySet<FailureCode> = new Set([
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_TRUNCATED',
  'OUTPUT_INVALID',
  'CANCELLED',
  'SHUTTING_DOWN',
]);

/** Tokens per second that a model is taken to reason at, while it shows nothing of that. */
const reasoningTokensPerSecond = 100;
/** The least share of its worst case that an attempt counts as: a model may reason faster than it can be stopped. */
const reasoningShare = 0.05;

export function createUsageMeter(
  request: ChatRequest,
  mode: Mode,
  costOf: CostOf,
  clock: Pick<Clock, 'now'>,
): UsageMeter<ProviderCompletion> {
  let closed = nothing;
  let isSpent = false;
  /** The running attempt, and how much of its answer has arrived. */
  let open: { readonly target: Target; readonly sentAt: number; bytes: number } | undefined;

  function close(amount: Amount): void {
    isSpent ||= amount !== nothing;
    closed = sum(closed, amount);
    open = undefined;
  }

  /** By the reported usage, and for the rest by what was delivered. */
  function charge(target: Target, usage: Usage | undefined, outputTokens: number): Amount {
    const inputs = usage?.inputTokens ?? inputTokens(request);
    const plain = plainUsage(inputs, outputTokens);
    // Cached tokens without a price count as plain ones: a budget needs a number.
    const usd =
      (usage && costOf(target, { ...usage, inputTokens: inputs, outputTokens })) ?? costOf(target, plain) ?? 0;
    return { tokens: inputs + outputTokens, usd };
  }

  /** The charge of a running or broken attempt. */
  function brokeOff(code: FailureCode, usage: Usage | undefined): Amount {
    if (!open) return nothing;
    const { target, bytes, sentAt } = open;
    if (bytes === 0 && !usage && !chargeableFailures.has(code)) return nothing;
    if (mode === 'whole' && isLocalAbort(code)) {
      // The provider may generate the answer to its end.
      const { tokens, usd = 0 } = worstCase(request, target, costOf);
      return { tokens, usd };
    }
    if (bytes === 0 && !usage && mayReason(request, target)) {
      return charge(target, undefined, hiddenReasoning(request, target, clock.now() - sentAt));
    }
    // The usage counted before a break may be less than what has arrived.
    return charge(target, usage, Math.max(usage?.outputTokens ?? 0, tokensOfBytes(bytes)));
  }

  return {
    onSent(target) {
      open = { target, sentAt: clock.now(), bytes: 0 };
    },
    onDelta(delta) {
      if (open) open.bytes += bytesOf(delta);
    },
    onSuccess({ usage, text = '', reasoning = '', toolCalls = [] }, usd) {
      if (!open) return;
      if (usd !== undefined && usage?.inputTokens !== undefined && usage.outputTokens !== undefined) {
        return close({ tokens: usage.inputTokens + usage.outputTokens, usd });
      }
      const written = text + reasoning + toolCalls.map((call) => call.arguments).join('');
      const bytes = open.bytes + Buffer.byteLength(written);
      close(charge(open.target, usage, usage?.outputTokens ?? tokensOfBytes(bytes)));
    },
    onFailure: (code, usage) => close(brokeOff(code, usage)),
    total: () => sum(closed, brokeOff('CANCELLED', undefined)),
    wasCharged: () => isSpent,
  };
}

/** An image counts about 1,300 tokens, and a second of sound 30, whatever their size. */
const bytesPerFileChar = 0.01;

function bytesOf(delta: Delta): number {
  switch (delta.type) {
    case 'tool_call':
      return Buffer.byteLength(delta.argumentsDelta);
    case 'file':
      return delta.data.length * bytesPerFileChar;
    case 'server_tool':
      return 0;
    default:
      return Buffer.byteLength(delta.text);
  }
}

/** Whether a model may have reasoned before its first content. Unknown models may. */
function mayReason({ reasoningEffort }: ChatRequest, { facts }: Target): boolean {
  return facts?.reasoning !== false && reasoningEffort !== 'none';
}

/** Output tokens of a model that was stopped before it showed anything: by time, between a share and all of its worst case. */
function hiddenReasoning(request: ChatRequest, target: Target, ms: number): number {
  const most = outputLimit(request, target);
  return Math.min(most, Math.ceil(Math.max(most * reasoningShare, (ms / 1000) * reasoningTokensPerSecond)));
}

function sum(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens + b.tokens, usd: a.usd + b.usd };
}
