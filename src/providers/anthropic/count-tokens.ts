import type { OperationCodec } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Target } from '../../core/model.ts';
import type { ProviderTokenCount } from '../../core/token-count.ts';
import { toFailure } from '../decode-error.ts';
import { object } from '../read-json.ts';
import { encode } from './encode.ts';

/** Fields that count: sampling, limits and streams do not (docs.anthropic.com, Token counting). */
const counted: ReadonlySet<string> = new Set([
  ...['model', 'messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'cache_control'],
]);

export function createTokenCount(target: Target): OperationCodec<ChatRequest, ProviderTokenCount> {
  return {
    wire: 'Messages',
    form: 'messages',
    encode(request) {
      const { body, ...encoded } = encode(request, target, 'whole');
      const fields = Object.entries(body).filter(([field]) => counted.has(field));
      return { ...encoded, path: '/v1/messages/count_tokens', body: Object.fromEntries(fields) };
    },
    decode(body) {
      const { input_tokens: inputTokens } = object(body);
      if (typeof inputTokens === 'number') return { inputTokens, usage: undefined };
      throw new GatewayError('UPSTREAM_MALFORMED', 'anthropic responded without a count of tokens.');
    },
    decodeFailure: (failure) => toFailure('anthropic', failure),
  };
}
