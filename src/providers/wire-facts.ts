import type { Target } from '../core/model.ts';

/** What a model's `wire` facts may hold, and how codecs read them. */

/** The role that carries instructions: `developer` for OpenAI's reasoning models, `user` where there is none. Default: `system`. */
export function systemRoleOf({ facts }: Pick<Target, 'facts'>): string {
  return facts?.wire?.['systemRole'] ?? 'system';
}

/** The field that limits output tokens, where it is not its provider's usual one: `max_completion_tokens`. */
export function maxTokensFieldOf({ facts }: Pick<Target, 'facts'>): string | undefined {
  return facts?.wire?.['maxTokensField'];
}
