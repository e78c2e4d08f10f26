import type { Warning } from '../../core/completion.ts';
import { dataOf, type MediaPart, textOf } from '../../core/media.ts';
import type { ContentPart } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { refuse } from '../capability-checks.ts';
import type { Turn as Said } from '../conversation.ts';
import { object, readJson } from '../read-json.ts';
import { isAdaptive, thinkingState } from './thinking.ts';

type Fields = Record<string, unknown>;
type Turn = { readonly role: 'user' | 'assistant'; readonly content: Fields[] };

export function encodeMessages(
  said: readonly Said[],
  target: Target,
  breakpoint: Fields,
): { readonly turns: readonly Turn[]; readonly warnings: readonly Warning[] } {
  const turns = encodeTurns(said, breakpoint);
  if (turns.length === 0) refuse('messages', 'anthropic requires at least one non-empty message.');
  if (turns.at(-1)?.role !== 'assistant') return { turns, warnings: [] };
  // A final assistant message is a prefill, for models that continue one.
  if (target.facts?.reasoning && isAdaptive(target)) {
    refuse('messages', `${target.model} does not support prefill; the last message has to be a user message.`);
  }
  return { turns, warnings: trimEnd(turns.at(-1)?.content.at(-1)) };
}

/** Users and assistants alternate: neighbours of one role become one message. */
function encodeTurns(said: readonly Said[], breakpoint: Fields): Turn[] {
  const turns: Turn[] = [];
  for (const message of said) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = encodeBlocks(message, breakpoint);
    const previous = turns.at(-1);
    if (previous?.role === role) previous.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  // The results of a turn's tool calls come first in the next message.
  for (const turn of turns)
    turn.content.sort((a, b) => Number(b['type'] === 'tool_result') - Number(a['type'] === 'tool_result'));
  return turns;
}

/** "Final assistant content cannot end with trailing whitespace" (400). */
function trimEnd(last: Fields | undefined): Warning[] {
  const { text } = last ?? {};
  if (!last || typeof text !== 'string' || text === text.trimEnd()) return [];
  last['text'] = text.trimEnd();
  const message = 'anthropic refuses a prefill that ends in white space; it was trimmed';
  return [{ option: 'messages', message }];
}

function encodeBlocks(message: Said, breakpoint: Fields): Fields[] {
  switch (message.role) {
    case 'user':
      return message.parts.flatMap((part) => marked(encodePart(part), part.cacheBreakpoint, breakpoint));
    case 'assistant':
      return marked(assistantBlocks(message), message.cacheBreakpoint, breakpoint);
    case 'tool':
      return marked(
        [
          {
            type: 'tool_result',
            tool_use_id: message.toolCallId,
            ...(message.isError && { is_error: true }),
            content: message.parts ? message.parts.flatMap(encodePart) : message.text,
          },
        ],
        message.cacheBreakpoint,
        breakpoint,
      );
  }
}

/** A breakpoint marks the last block, but for thinking, which takes none. */
function marked(blocks: Fields[], isMarked: true | undefined, breakpoint: Fields): Fields[] {
  const last = blocks.at(-1);
  if (!isMarked || !last || String(last['type']).endsWith('thinking')) return blocks;
  return [...blocks.slice(0, -1), { ...last, ...breakpoint }];
}

/** Thinking, text and calls in their original places, as far as the state knows them and fits the message. */
function assistantBlocks({ text, toolCalls, providerState }: Said & { role: 'assistant' }): Fields[] {
  const calls = toolCalls.map(({ id, name, arguments: args }) => ({
    type: 'tool_use',
    id,
    name,
    input: object(readJson(args)),
  }));
  const placed: Fields[] = [];
  let from = 0;
  for (const kept of thinkingState(providerState)) {
    if (kept.type === 'call') placed.push(...calls.splice(0, 1));
    else if (kept.type === 'text') {
      placed.push(...encodeText(text.slice(from, from + kept.length)));
      from += kept.length;
    } else placed.push(kept.block);
  }
  return [...placed, ...encodeText(text.slice(from)), ...calls];
}

/** "text content blocks must contain non-whitespace text" (400). */
function encodeText(text: string): Fields[] {
  return text.trim() === '' ? [] : [{ type: 'text', text }];
}

function encodePart(part: ContentPart): Fields[] {
  if (part.type === 'text') return encodeText(part.text);
  const { name: title } = part;
  if (part.type === 'image') return [{ type: 'image', source: encodeSource(part) }];
  return [{ type: 'document', source: encodeSource(part), ...(title !== undefined && { title }) }];
}

/** A text file goes as text on this wire. */
function encodeSource({ url }: MediaPart): Fields {
  const { mediaType, data = '' } = dataOf(url) ?? {};
  if (mediaType === undefined) return { type: 'url', url };
  if (!mediaType.startsWith('text/')) return { type: 'base64', media_type: mediaType, data };
  return { type: 'text', media_type: 'text/plain', data: textOf(data) };
}
