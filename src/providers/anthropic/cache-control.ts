import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import { array, object } from '../read-json.ts';

type Fields = Record<string, unknown>;

/** Of one request; a further one is refused (400). */
const maxBreakpoints = 4;

/** What marks a block. The whole request gets the same without marked blocks: the API then caches as much as it can. */
export function encodeCacheControl({ promptCache }: ChatRequest): {
  readonly breakpoint: Fields;
  readonly warnings: readonly Warning[];
} {
  const breakpoint = {
    cache_control: { type: 'ephemeral', ...(promptCache?.ttl === 'long' && { ttl: '1h' }) },
  };
  const message = 'anthropic supports no key of the prompt cache; left out';
  return {
    breakpoint,
    warnings: promptCache?.key === undefined ? [] : [{ option: 'promptCache', message }],
  };
}

/** Keeps the last breakpoints, which cover the longest part of the prompt. */
export function limitBreakpoints(blocks: readonly unknown[]): readonly Warning[] {
  const marked = blocks.map(object).filter((block) => block['cache_control'] !== undefined) as Fields[];
  for (const block of marked.slice(0, -maxBreakpoints)) delete block['cache_control'];
  if (marked.length <= maxBreakpoints) return [];
  const message = `anthropic supports ${maxBreakpoints} cache breakpoints; the first ones were left out`;
  return [{ option: 'messages', message }];
}

export function isMarked(blocks: readonly unknown[]): boolean {
  return blocks.some((block) => object(block)['cache_control'] !== undefined);
}

/** All blocks that can be marked, in the order of the prompt. */
export function blocksOf(
  system: unknown,
  turns: readonly { readonly content: readonly Fields[] }[],
): readonly unknown[] {
  return [...array(system), ...turns.flatMap(({ content }) => content)];
}
