import type { TokenLogprob } from '../core/completion.ts';
import { array, object, string, type WireObject } from './read-json.ts';

/** OpenAI's form of logprobs, which most wires share: one entry per token. */
export function toLogprobs(entries: unknown): readonly TokenLogprob[] {
  return array(entries)
    .map(object)
    .flatMap((entry): TokenLogprob[] => {
      const token = toToken(entry);
      const top = array(entry['top_logprobs']).map(object).flatMap(toToken);
      return token.map((one) => ({ ...one, topLogprobs: top }));
    });
}

function toToken({ token, logprob, bytes }: WireObject): Omit<TokenLogprob, 'topLogprobs'>[] {
  if (string(token) === undefined || typeof logprob !== 'number') return [];
  const known = Array.isArray(bytes) && bytes.every((byte) => typeof byte === 'number');
  return [{ token: String(token), logprob, bytes: known ? bytes : undefined }];
}
