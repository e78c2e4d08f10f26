import { isJsonObject, type JsonObject } from '../../core/json-object.ts';
import { chatLimits } from '../../core/message.ts';
import type { DecodeContext } from '../decode-context.ts';
import { decodeAudio, decodeFile } from '../decode-messages.ts';
import type { Place } from '../placed-names.ts';
import { stateOfReference } from './render.ts';

type Decoded = { readonly messages: readonly JsonObject[]; readonly places: readonly Place[] };

/** The items of one turn of the assistant, which become one message. */
type Turn = {
  text: string;
  reasoning: string;
  providerState: string | undefined;
  readonly toolCalls: JsonObject[];
  /** The first item, or that of the first call: issues are mostly about calls. */
  path: string;
};

/** Items become messages: reasoning, texts and calls of the assistant that follow one another are one of them. */
export function decodeInput(input: unknown, notes: DecodeContext): Decoded {
  if (typeof input === 'string') {
    return { messages: [{ role: 'user', content: input }], places: [{ path: 'input', blocks: [] }] };
  }
  if (!Array.isArray(input)) {
    notes.refuse('input', 'Expected a text or a list of items');
    return { messages: [], places: [] };
  }
  const messages: JsonObject[] = [];
  const places: Place[] = [];
  let turn: Turn | undefined;

  function add(message: JsonObject, path: string, blocks: readonly number[] = []): void {
    endTurn();
    messages.push(message);
    places.push({ path, blocks });
  }

  function endTurn(): void {
    if (!turn) return;
    const { text, reasoning, providerState, toolCalls, path } = turn;
    turn = undefined;
    messages.push({
      role: 'assistant',
      content: text,
      ...(toolCalls.length > 0 && { toolCalls }),
      ...(providerState !== undefined && { providerState }),
      ...(reasoning !== '' && { reasoning }),
    });
    places.push({ path, blocks: [] });
  }

  function assistant(path: string): Turn {
    turn ??= { text: '', reasoning: '', providerState: undefined, toolCalls: [], path };
    return turn;
  }

  for (const [index, item] of notes.bounded(input, 'input', chatLimits.messages).entries()) {
    const path = `input[${index}]`;
    if (!isJsonObject(item)) {
      notes.refuse(path, 'Expected an item');
      continue;
    }
    const { type = 'message', role } = item;
    switch (type) {
      case 'message':
        if (role === 'assistant') assistant(path).text += readText(item['content'], `${path}.content`, notes);
        else if (role === 'user' || role === 'system' || role === 'developer') {
          const { content } = item;
          const system = role === 'user' ? 'user' : 'system';
          if (!Array.isArray(content)) add({ role: system, content: content ?? '' }, path);
          else add({ role: system, parts: decodeParts(content, `${path}.content`, notes) }, path, [...content.keys()]);
        } else notes.refuse(`${path}.role`, 'Expected "user", "assistant", "system" or "developer"');
        break;
      case 'reasoning': {
        const said = assistant(path);
        said.reasoning += summaryOf(item);
        const { encrypted_content: state } = item;
        if (typeof state === 'string' && state !== '') said.providerState = state;
        break;
      }
      case 'function_call': {
        const said = assistant(path);
        if (said.toolCalls.length === 0) said.path = path;
        said.toolCalls.push({ id: item['call_id'], name: item['name'], arguments: item['arguments'] });
        break;
      }
      case 'function_call_output': {
        const { call_id: toolCallId, output } = item;
        const content = Array.isArray(output)
          ? { parts: decodeParts(output, `${path}.output`, notes) }
          : { content: output };
        add({ role: 'tool', toolCallId, ...content }, path);
        break;
      }
      case 'item_reference': {
        const state = stateOfReference(item['id']);
        if (state === undefined) {
          notes.refuse(path, 'Nothing is stored here: send the item itself, or "store: false" in clients that choose');
        } else if (state !== '') assistant(path).providerState = state;
        break;
      }
      default:
        // Runs of a provider's own tools are part of the text that came of them.
        if (typeof type === 'string' && /^[a-z_]+_call$/.test(type)) break;
        notes.refuse(`${path}.type`, 'Expected a message, reasoning, function_call or function_call_output');
    }
  }
  endTurn();
  return { messages, places };
}

function summaryOf({ summary, content }: JsonObject): string {
  const parts = [...(Array.isArray(content) ? content : []), ...(Array.isArray(summary) ? summary : [])];
  return parts.map((part) => (isJsonObject(part) && typeof part['text'] === 'string' ? part['text'] : '')).join('');
}

/** What an assistant said, or why it did not. */
function readText(content: unknown, path: string, notes: DecodeContext): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) {
    notes.refuse(path, 'Expected a text or a list of parts');
    return '';
  }
  return notes
    .bounded(content, path, chatLimits.parts)
    .map((part, place) => {
      const { text, refusal } = isJsonObject(part) ? part : {};
      const said = text ?? refusal;
      if (typeof said === 'string') return said;
      notes.refuse(`${path}[${place}]`, 'Expected a part of type "output_text" or "refusal"');
      return '';
    })
    .join('');
}

function decodeParts(content: readonly unknown[], path: string, notes: DecodeContext): readonly JsonObject[] {
  return notes.bounded(content, path, chatLimits.parts).map((part, place) => {
    const here = `${path}[${place}]`;
    if (isJsonObject(part)) return decodePart(part, here, notes);
    notes.refuse(here, 'Expected a part');
    return {};
  });
}

function decodePart({ type, ...fields }: JsonObject, path: string, notes: DecodeContext): JsonObject {
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { text: fields['text'] };
    case 'refusal':
      return { text: fields['refusal'] };
    case 'input_image': {
      const { image_url: url, file_id, detail } = fields;
      if (typeof file_id === 'string') notes.refuse(`${path}.file_id`, 'Files of a provider are not accessible here');
      return { image: { url, detail } };
    }
    case 'input_file': {
      const { file_url: url, filename: name, ...others } = fields;
      return { file: typeof url === 'string' ? { url, name } : decodeFile({ ...others, filename: name }, path, notes) };
    }
    case 'input_audio': {
      const { input_audio: audio } = fields;
      return { audio: isJsonObject(audio) ? decodeAudio(audio, `${path}.input_audio`, notes) : audio };
    }
    default:
      notes.refuse(`${path}.type`, 'Expected "input_text", "input_image", "input_file" or "input_audio"');
      return {};
  }
}
