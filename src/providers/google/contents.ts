import { isJsonObject } from '../../core/json-object.ts';
import { dataOf } from '../../core/media.ts';
import type { ContentPart } from '../../core/message.ts';
import { refuse } from '../capability-checks.ts';
import type { Turn } from '../conversation.ts';
import { readJson } from '../read-json.ts';
import type { ModelGeneration } from './model-generation.ts';
import { modelParts, type Part, signFirstCall } from './signatures.ts';

type Content = { readonly role: 'user' | 'model'; readonly parts: Part[] };

/** The conversation and its instructions, as contents. */
export function encodeContents(
  said: readonly Turn[],
  instructions: string,
  generation: ModelGeneration,
): { systemInstruction?: { parts: Part[] }; contents: Content[] } {
  const contents = encodeTurns(said);
  if (contents.length === 0) refuse('messages', 'google requires at least one non-empty message.');
  if (generation === 'gemini-3') {
    for (const { role, parts } of contents) if (role === 'model') signFirstCall(parts);
  }
  if (instructions === '') return { contents };
  if (generation !== 'gemma') return { systemInstruction: { parts: [{ text: instructions }] }, contents };
  // "Developer instruction is not enabled" for Gemma: instructions become a user message.
  const part = { text: `${instructions}\n\n` };
  if (contents[0]?.role === 'user') contents[0].parts.unshift(part);
  else contents.unshift({ role: 'user', parts: [part] });
  return { contents };
}

/** Users and models alternate: neighbours of one role become one content. */
function encodeTurns(said: readonly Turn[]): Content[] {
  const turns: Content[] = [];
  const names = new Map<string, string>();
  for (const message of said) {
    if (message.role === 'assistant') for (const { id, name } of message.toolCalls) names.set(id, name);
    const role = message.role === 'assistant' ? 'model' : 'user';
    const parts = encodeParts(message, names);
    const previous = turns.at(-1);
    if (previous?.role === role) previous.parts.push(...parts);
    else if (parts.length > 0) turns.push({ role, parts });
  }
  // The results of a turn's calls come first in the next content.
  for (const { role, parts } of turns) if (role === 'user') parts.sort((a, b) => isResult(b) - isResult(a));
  return turns;
}

function isResult(part: Part): number {
  return Number(part['functionResponse'] !== undefined);
}

function encodeParts(message: Turn, names: ReadonlyMap<string, string>): Part[] {
  switch (message.role) {
    case 'user':
      return message.parts.flatMap(encodePart);
    case 'assistant':
      return modelParts(message);
    case 'tool': {
      const id = message.toolCallId;
      const media = message.parts?.filter(({ type }) => type !== 'text').flatMap(encodePart) ?? [];
      return [
        {
          functionResponse: {
            id,
            name: names.get(id) ?? '',
            response: toResponse(message.text),
            ...(media.length > 0 && { parts: media }),
          },
        },
      ];
    }
  }
}

function encodePart(part: ContentPart): Part[] {
  if (part.type === 'text') return part.text === '' ? [] : [{ text: part.text }];
  const { mediaType: mimeType, data } = dataOf(part.url) ?? {};
  return [{ inlineData: { mimeType, data } }];
}

/** A result is an object on this wire. One that holds `$ref` is refused as a broken reference, and goes as text. */
function toResponse(text: string): unknown {
  const value = readJson(text);
  return isJsonObject(value) && !hasReference(value) ? value : { result: text };
}

/** Deeper values go as text: code that writes JSON is recursive. */
const maxDepth = 100;

function hasReference(value: unknown, depth = 0): boolean {
  if (depth > maxDepth) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, child]) => key === '$ref' || hasReference(child, depth + 1));
}
