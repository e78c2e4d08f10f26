import type { Usage } from '../core/completion.ts';

/** The usage of a request that writes no tokens. Undefined where the provider counts none. */
export function inputUsage(inputTokens: number | undefined): Usage | undefined {
  if (inputTokens === undefined) return undefined;
  return {
    ...{ inputTokens, outputTokens: 0, totalTokens: inputTokens },
    ...{ cacheReadInputTokens: undefined, cacheWriteInputTokens: undefined, reasoningOutputTokens: undefined },
  };
}
