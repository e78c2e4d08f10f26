import type { Mode } from '../core/adapter.ts';
import type { ChatRequest } from '../core/chat.ts';
import type { Answer, Delta, Usage } from '../core/completion.ts';
import { type FailureCode, isCutShort } from '../core/errors.ts';
import type { Amount } from '../core/limits.ts';
import type { Target } from '../core/model.ts';
import { type CostOf, inputTokens, plainUsage, tokensOfBytes, worstCase } from './token-estimate.ts';

/** What a call takes of its caller's limits, with all its tries, which come one after the other. */
export type Bill = {
  /** A request goes out. */
  sent(target: Target): void;
  /** A piece of a stream goes to the caller. */
  delivered(delta: Delta): void;
  /** The try that was sent last has answered: whole, or as it was delivered. `money` is what its usage costs, if that is known. */
  answered(answer: Pick<Answer, 'usage'> & Partial<Answer>, money: number | undefined): void;
  /** It has failed, maybe after a part of its answer. */
  failed(code: FailureCode, usage: Usage | undefined): void;
  /** What it comes to if the call ends now. */
  total(): Amount;
  /** Whether a provider was at work for one of its tries: it may charge for that, whatever became of the answer. */
  isSpent(): boolean;
};

const nothing: Amount = { tokens: 0, money: 0 };

/** Failures of a provider that was at work, which it may well charge for. */
const brokenOff: ReadonlySet<FailureCode> = new Set([
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_TRUNCATED',
  'CANCELLED',
  'SHUTTING_DOWN',
]);

export function createBill(request: ChatRequest, mode: Mode, costOf: CostOf): Bill {
  let closed = nothing;
  let isSpent = false;
  /** The try that is under way, and how much of its answer has come. */
  let open: { readonly target: Target; bytes: number } | undefined;

  function close(amount: Amount): void {
    isSpent ||= amount !== nothing;
    closed = sum(closed, amount);
    open = undefined;
  }

  /** By what the provider has told, and for the rest by what was seen. */
  function charge(target: Target, usage: Usage | undefined, outputTokens: number): Amount {
    const inputs = usage?.inputTokens ?? inputTokens(request);
    const plain = plainUsage(inputs, outputTokens);
    // Where cached tokens have no price of their own they are counted as others are: a wallet needs a number.
    const money =
      (usage && costOf(target, { ...usage, inputTokens: inputs, outputTokens })) ?? costOf(target, plain) ?? 0;
    return { tokens: inputs + outputTokens, money };
  }

  /** What a try that is under way, or broke off, comes to. */
  function brokeOff(code: FailureCode, usage: Usage | undefined): Amount {
    if (!open) return nothing;
    const { target, bytes } = open;
    if (bytes === 0 && !usage && !brokenOff.has(code)) return nothing;
    if (mode === 'whole' && isCutShort(code)) {
      // Nobody sees whether the provider writes it to its end after all.
      const { tokens, money = 0 } = worstCase(request, target, costOf);
      return { tokens, money };
    }
    // What was counted before it broke off may be less than what has come.
    return charge(target, usage, Math.max(usage?.outputTokens ?? 0, tokensOfBytes(bytes)));
  }

  return {
    sent(target) {
      open = { target, bytes: 0 };
    },
    delivered(delta) {
      if (open) open.bytes += Buffer.byteLength(delta.type === 'tool_call' ? delta.argumentsDelta : delta.text);
    },
    answered({ usage, text = '', reasoning = '', toolCalls = [] }, money) {
      if (!open) return;
      if (money !== undefined && usage?.inputTokens !== undefined && usage.outputTokens !== undefined) {
        return close({ tokens: usage.inputTokens + usage.outputTokens, money });
      }
      const written = text + reasoning + toolCalls.map((call) => call.arguments).join('');
      const bytes = open.bytes + Buffer.byteLength(written);
      close(charge(open.target, usage, usage?.outputTokens ?? tokensOfBytes(bytes)));
    },
    failed: (code, usage) => close(brokeOff(code, usage)),
    total: () => sum(closed, brokeOff('CANCELLED', undefined)),
    isSpent: () => isSpent,
  };
}

function sum(a: Amount, b: Amount): Amount {
  return { tokens: a.tokens + b.tokens, money: a.money + b.money };
}
