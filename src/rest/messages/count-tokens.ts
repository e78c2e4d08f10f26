import { sendJson } from '../../http/send-json.ts';
import type { RestParts } from '../api.ts';
import { createCallRoute } from '../call-route.ts';
import type { RestHandler } from '../route.ts';
import { messages } from './api.ts';

/** `POST /v1/messages/count_tokens`: Anthropic's own count for its models, an estimate for others. `x_parley` says which. */
export function createCountTokens(parts: RestParts): RestHandler {
  return createCallRoute(messages, parts, async ({ given, options, rateLimitStatus }, response) => {
    const { inputTokens, isEstimate } = await parts.gateway.countTokens(given.call.input, options);
    const body = { input_tokens: inputTokens, x_parley: { is_estimate: isEstimate } };
    sendJson(response, 200, body, rateLimitStatus());
  });
}
