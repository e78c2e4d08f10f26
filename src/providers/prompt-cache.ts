import type { ChatRequest } from '../core/chat.ts';
import type { Warning } from '../core/completion.ts';
import type { Message } from '../core/message.ts';
import type { Target } from '../core/model.ts';

/** Hints for the provider's prompt cache: they change no answer, so what a wire lacks is left out with a warning. */

type Fields = Readonly<Record<string, unknown>>;

export type PromptCacheWire = {
  /** Takes a key, under this name. */
  readonly key?: 'prompt_cache_key';
  /** How the long lifetime is asked for; undefined for a model that has none. */
  readonly longTtl?: (target: Target) => Fields | undefined;
  /** What marks a part of a message; undefined for a model that takes no marks. */
  readonly breakpoint?: (target: Target) => Fields | undefined;
};

export function encodePromptCache(
  { promptCache, messages }: ChatRequest,
  target: Target,
  { key, longTtl, breakpoint }: PromptCacheWire = {},
): { readonly fields: Fields; readonly breakpoint: Fields | undefined; readonly warnings: readonly Warning[] } {
  const warnings: Warning[] = [];
  const warn = (option: string, what: string) =>
    warnings.push({ option, message: `${target.model} on ${target.provider} supports no ${what}; left out` });
  const fields: Record<string, unknown> = {};
  if (promptCache?.key !== undefined) {
    if (key) fields[key] = promptCache.key;
    else warn('promptCache', 'key of the prompt cache');
  }
  if (promptCache?.ttl === 'long') {
    const written = longTtl?.(target);
    if (written) Object.assign(fields, written);
    else warn('promptCache', 'lifetime of the prompt cache');
  }
  const mark = hasBreakpoint(messages) ? breakpoint?.(target) : undefined;
  if (hasBreakpoint(messages) && !mark) warn('messages', 'cacheBreakpoint');
  return { fields, breakpoint: mark, warnings };
}

export function hasBreakpoint(messages: readonly Message[]): boolean {
  return messages.some((message) =>
    message.role === 'user'
      ? message.parts.some(({ cacheBreakpoint }) => cacheBreakpoint)
      : message.cacheBreakpoint === true,
  );
}

/** OpenAI's models since GPT-5.6 take options and breakpoints, those before it a retention. */
const takesOptions = /^gpt-(5\.[6-9]|[6-9]|[1-9]\d)/;

export const openAiPromptCache: PromptCacheWire = {
  key: 'prompt_cache_key',
  longTtl: ({ model }) =>
    takesOptions.test(model) ? { prompt_cache_options: { ttl: '12h' } } : { prompt_cache_retention: '24h' },
  breakpoint: ({ model }) => (takesOptions.test(model) ? { prompt_cache_breakpoint: { mode: 'explicit' } } : undefined),
};
