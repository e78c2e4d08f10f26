import type { FinishReason, Usage } from '../../core/completion.ts';
import { toMediaTokens } from '../media-tokens.ts';
import { array, lookUp, object, tokenCount, type WireObject } from '../read-json.ts';

const finishReasons: Readonly<Record<string, FinishReason>> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  CONTINUATION: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  LANGUAGE: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  MALFORMED_FUNCTION_CALL: 'error',
  MALFORMED_RESPONSE: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  TOO_MANY_TOOL_CALLS: 'error',
  MISSING_THOUGHT_SIGNATURE: 'error',
  // Not a word of Google's: servers that imitate the API send it.
  FUNCTION_CALL: 'tool_call',
};

export function toFinishReason(raw: string | undefined, hasToolCalls: boolean): FinishReason {
  // A call is no finish reason on this wire.
  if (hasToolCalls && (raw === undefined || raw === 'STOP')) return 'tool_call';
  return lookUp(finishReasons, raw) ?? 'other';
}

/** A blocked prompt has no candidates; a blocked answer ends early. */
export function toRefusal(
  raw: string | undefined,
  blockReason: string | undefined,
  reported: string | undefined,
): string | undefined {
  if (blockReason !== undefined) return reported ?? `Google blocked the prompt (${blockReason}).`;
  return toFinishReason(raw, false) === 'content_filter'
    ? (reported ?? `Google stopped the answer (${raw}).`)
    : undefined;
}

/** This wire counts thoughts apart, and the results of hosted tools too. */
export function toUsage(usage: WireObject): Usage | undefined {
  const prompt = tokenCount(usage['promptTokenCount']);
  const candidates = tokenCount(usage['candidatesTokenCount']);
  const thoughts = tokenCount(usage['thoughtsTokenCount']);
  const inputTokens = add(prompt, tokenCount(usage['toolUsePromptTokenCount']));
  const outputTokens = add(candidates, thoughts);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    inputTokens,
    outputTokens,
    totalTokens: tokenCount(usage['totalTokenCount']) ?? add(inputTokens, outputTokens),
    cacheReadInputTokens: tokenCount(usage['cachedContentTokenCount']),
    cacheWriteInputTokens: undefined,
    reasoningOutputTokens: thoughts,
    ...toMediaTokens({
      inputAudio: modalityCount(usage['promptTokensDetails'], 'AUDIO'),
      outputAudio: modalityCount(usage['candidatesTokensDetails'], 'AUDIO'),
      outputImage: modalityCount(usage['candidatesTokensDetails'], 'IMAGE'),
    }),
  };
}

function modalityCount(details: unknown, modality: string): number | undefined {
  const found = array(details).find((one) => object(one)['modality'] === modality);
  return tokenCount(object(found)['tokenCount']);
}

/** The wire omits a count of zero. */
function add(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
