import type { ProviderAdapter } from '../core/adapter.ts';
import { type ChatRequest, parseChatRequest } from '../core/chat.ts';
import { GatewayError } from '../core/errors.ts';
import { CallFailure, type CallOptions } from '../core/gateway.ts';
import type { Operation, UsageMeter } from '../core/operation.ts';
import type { Connection } from '../core/ports.ts';
import type { ProviderTokenCount, TokenCount } from '../core/token-count.ts';
import { type AttemptContext, fetchWhole } from './attempt.ts';
import { chatOperation } from './chat-operation.ts';
import { withForeignFields } from './foreign-fields.ts';
import type { Metering } from './metering.ts';
import { withModelIds } from './model-names.ts';
import { requestedTarget } from './requested-target.ts';
import { inputTokens } from './token-estimate.ts';

export type CountOperation = Operation<ChatRequest, ProviderTokenCount>;

const { streaming: _, ...ofRequests } = chatOperation;

/** `/v1/messages/count_tokens` where the provider counts: a request like that of an answer, which costs nothing. */
export const countOperation: CountOperation = {
  ...ofRequests,
  name: 'count_tokens',
  worstCase: () => ({ tokens: 0, usd: 0 }),
  createMeter: () => free,
  codecFor(adapter, target) {
    if (adapter.tokenCount) return withForeignFields(adapter.tokenCount.codecFor(target));
    throw new GatewayError('UNSUPPORTED_OPTION', `${adapter.id} counts no tokens. Choose a model of another provider.`);
  },
};

const free: UsageMeter<ProviderTokenCount> = {
  onSent() {},
  onDelta() {},
  onSuccess() {},
  onFailure() {},
  total: () => ({ tokens: 0, usd: 0 }),
  wasCharged: () => false,
};

/** Runs an attempt at one count. */
export function createEmitCount({ succeeded }: Pick<Metering, 'succeeded'>) {
  return async function emitCount(
    attempt: AttemptContext<ChatRequest, ProviderTokenCount>,
  ): Promise<ProviderTokenCount> {
    const { answer, status, warnings } = await fetchWhole(attempt);
    const response = { id: attempt.session.streamId, model: attempt.target.model, finishReason: undefined };
    succeeded(attempt, answer, { status, warnings, firstTokenMs: undefined, response });
    return answer;
  };
}

export type CountParts = {
  readonly adapters: ReadonlyMap<string, ProviderAdapter>;
  readonly connections: ReadonlyMap<string, Pick<Connection, 'isSandbox'>>;
  readonly toModelId: (name: string) => string;
  /** Asks the provider. */
  readonly count: (input: unknown, options: CallOptions) => Promise<ProviderTokenCount>;
};

/** The provider's own count where it has one, and otherwise an estimate: also where the provider cannot be reached. */
export function createCountTokens({ adapters, connections, toModelId, count }: CountParts) {
  const estimate = (input: unknown): TokenCount => ({
    inputTokens: inputTokens(parseChatRequest(input)),
    isEstimate: true,
  });

  return async function countTokens(input: unknown, options: CallOptions): Promise<TokenCount> {
    const { provider } = requestedTarget(withModelIds(input, toModelId));
    const { isSandbox = true } = connections.get(provider) ?? {};
    if (isSandbox || !adapters.get(provider)?.tokenCount) return estimate(input);
    try {
      const { inputTokens: counted } = await count(input, options);
      return { inputTokens: counted, isEstimate: false };
    } catch (thrown) {
      const wasAsked = thrown instanceof CallFailure && thrown.failure.attempts.length > 0;
      if (!wasAsked || thrown.failure.error.code === 'CANCELLED') throw thrown;
      return estimate(input);
    }
  };
}
