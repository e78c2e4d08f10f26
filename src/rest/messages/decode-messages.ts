import { Buffer } from 'node:buffer';
import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import { chatLimits } from '../../core/message.ts';
import type { DecodeContext } from '../decode-context.ts';
import type { Place } from '../placed-names.ts';
import { stateOf } from './thinking.ts';

type Decoded = {
  readonly messages: readonly JsonObject[];
  readonly places: readonly Place[];
  readonly cacheControls: readonly unknown[];
};

/** Turns of blocks become messages: each tool result is one of its own. */
export function decodeMessages(messages: unknown, notes: DecodeContext): Decoded {
  const decoded: JsonObject[] = [];
  const places: Place[] = [];
  const cacheControls: unknown[] = [];
  if (!Array.isArray(messages)) {
    notes.refuse('messages', 'Expected a list of messages');
    return { messages: [], places, cacheControls };
  }
  for (const [index, message] of notes.bounded(messages, 'messages', chatLimits.messages).entries()) {
    const path = `messages[${index}]`;
    const { role, content } = isJsonObject(message) ? message : {};
    const given = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (!Array.isArray(given) || given.length === 0) {
      notes.refuse(`${path}.content`, 'Expected a text or a list of at least one block');
      continue;
    }
    const blocks = notes.bounded(given, `${path}.content`, chatLimits.parts);
    cacheControls.push(...blocks.map((block) => (isJsonObject(block) ? block['cache_control'] : undefined)));
    const turn = { blocks, path };
    switch (role) {
      case 'user':
        decodeUser(turn, notes, decoded, places);
        break;
      case 'assistant':
        decoded.push(decodeAssistant(turn, notes));
        places.push({ path, blocks: [] });
        break;
      case 'system':
        decoded.push({
          role,
          parts: blocks.map((block, place) => decodePart(block, `${path}.content[${place}]`, notes)),
        });
        places.push({ path, blocks: blocks.map((_, place) => place) });
        break;
      default:
        notes.refuse(`${path}.role`, 'Expected "user" or "assistant"');
    }
  }
  return { messages: decoded, places, cacheControls };
}

type Turn = { readonly blocks: readonly unknown[]; readonly path: string };

function decodeUser({ blocks, path }: Turn, notes: DecodeContext, decoded: JsonObject[], places: Place[]): void {
  const parts: unknown[] = [];
  const origins: number[] = [];
  for (const [place, block] of blocks.entries()) {
    const here = `${path}.content[${place}]`;
    if (isJsonObject(block) && block['type'] === 'tool_result') {
      decoded.push(decodeResult(block, here, notes));
      places.push({ path: here, blocks: [] });
      continue;
    }
    parts.push(decodePart(block, here, notes));
    origins.push(place);
  }
  if (parts.length === 0) return;
  decoded.push({ role: 'user', parts });
  places.push({ path, blocks: origins });
}

function decodeResult(block: JsonObject, path: string, notes: DecodeContext): JsonObject {
  const { type: _, tool_use_id: toolCallId, content, is_error: isError, cache_control, ...others } = block;
  notes.ignore(others, path);
  const shared = {
    role: 'tool',
    toolCallId,
    isError: isError === true ? true : undefined,
    ...breakpoint(cache_control),
  };
  if (!Array.isArray(content)) return { ...shared, content: content ?? '' };
  const inner = notes.bounded(content, `${path}.content`, chatLimits.parts);
  if (inner.length === 0) return { ...shared, content: '' };
  return { ...shared, parts: inner.map((part, place) => decodePart(part, `${path}.content[${place}]`, notes)) };
}

function decodeAssistant({ blocks, path }: Turn, notes: DecodeContext): JsonObject {
  let text = '';
  const toolCalls: JsonObject[] = [];
  let isMarked = false;
  for (const [place, block] of blocks.entries()) {
    const { type, cache_control, ...fields } = isJsonObject(block) ? block : {};
    isMarked ||= isJsonObject(cache_control);
    switch (type) {
      case 'text':
        if (typeof fields['text'] === 'string') text += fields['text'];
        else notes.refuse(`${path}.content[${place}].text`, 'Expected a text');
        break;
      case 'tool_use': {
        const { id, name, input } = fields;
        if (!isJsonObject(input)) notes.refuse(`${path}.content[${place}].input`, 'Expected an object');
        toolCalls.push({ id, name, arguments: JSON.stringify(input ?? {}) });
        break;
      }
      case 'thinking':
      case 'redacted_thinking':
        break;
      default:
        // Runs of a provider's own tools are part of the text that came of them.
        if (typeof type === 'string' && /(^server_tool_use|^mcp_tool_use|_tool_result)$/.test(type)) break;
        notes.refuse(
          `${path}.content[${place}].type`,
          'Expected "text", "thinking", "redacted_thinking" or "tool_use"',
        );
    }
  }
  const { providerState, reasoning } = stateOf(blocks);
  return {
    role: 'assistant',
    content: text,
    ...(toolCalls.length > 0 && { toolCalls }),
    ...(providerState !== undefined && { providerState }),
    ...(reasoning !== '' && { reasoning }),
    ...(isMarked && { cacheBreakpoint: true }),
  };
}

function decodePart(block: unknown, path: string, notes: DecodeContext): JsonObject {
  if (!isJsonObject(block)) {
    notes.refuse(path, 'Expected a block');
    return {};
  }
  const { type, text, source, title, cache_control, context: _, citations: __, ...others } = block;
  notes.ignore(others, path);
  const marked = breakpoint(cache_control);
  switch (type) {
    case 'text':
      if (typeof text !== 'string') notes.refuse(`${path}.text`, 'Expected a text');
      return { text, ...marked };
    case 'image':
      return { image: decodeImage(source, `${path}.source`, notes), ...marked };
    case 'document':
      return { file: decodeDocument(source, title, `${path}.source`, notes), ...marked };
    default:
      notes.refuse(`${path}.type`, 'Expected "text", "image", "document" or "tool_result"');
      return {};
  }
}

function decodeImage(source: unknown, path: string, notes: DecodeContext): JsonObject {
  const { type, media_type, data, url } = isJsonObject(source) ? source : {};
  if (type === 'url') return { url };
  if (type === 'base64') {
    if (typeof media_type !== 'string') notes.refuse(`${path}.media_type`, 'Expected a media type');
    if (typeof data !== 'string') notes.refuse(`${path}.data`, 'Expected base64');
    return { url: `data:${media_type};base64,${data}` };
  }
  notes.refuse(`${path}.type`, 'Expected "base64" or "url": files by id are not kept here');
  return {};
}

function decodeDocument(source: unknown, title: unknown, path: string, notes: DecodeContext): JsonObject {
  const { type, media_type: mediaType, data, url } = isJsonObject(source) ? source : {};
  const name = typeof title === 'string' && title !== '' ? { name: title } : {};
  switch (type) {
    case 'url':
      return { url, ...name };
    case 'base64':
      return { data, mediaType, ...name };
    case 'text':
      if (typeof data !== 'string') {
        notes.refuse(`${path}.data`, 'Expected a text');
        return {};
      }
      return { data: Buffer.from(data).toString('base64'), mediaType: mediaType ?? 'text/plain', ...name };
    default:
      notes.refuse(`${path}.type`, 'Expected "base64", "text" or "url": files by id are not kept here');
      return {};
  }
}

/** A text, or blocks of it. */
export function decodeSystem(system: unknown, notes: DecodeContext): readonly JsonObject[] {
  if (system === undefined || system === null || system === '') return [];
  if (typeof system === 'string') return [{ role: 'system', content: system }];
  if (!Array.isArray(system)) {
    notes.refuse('system', 'Expected a text or a list of text blocks');
    return [];
  }
  return notes.bounded(system, 'system', chatLimits.parts).flatMap((block, place) => {
    const { type, text, cache_control } = isJsonObject(block) ? block : {};
    if (type === 'text' && typeof text === 'string')
      return [{ role: 'system', content: text, ...breakpoint(cache_control) }];
    notes.refuse(`system[${place}]`, 'Expected a text block');
    return [];
  });
}

function breakpoint(control: unknown): JsonObject {
  return isJsonObject(control) ? { cacheBreakpoint: true } : {};
}
