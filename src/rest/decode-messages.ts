import { isJsonObject, type JsonObject } from '../core/json-object.ts';
import { chatLimits } from '../core/message.ts';
import { readReasoningDetails, stateOfCalls } from './carried-state.ts';
import type { DecodeContext } from './decode-context.ts';

/** OpenAI's messages in the shape of ChatInput. Values of a wrong type are passed on: core/chat.ts reports them. */
export function decodeMessages(messages: unknown, notes: DecodeContext): unknown {
  if (!Array.isArray(messages)) return messages;
  return notes
    .bounded(messages, 'messages', chatLimits.messages)
    .map((message, index) => (isJsonObject(message) ? decodeMessage(message, `messages[${index}]`, notes) : message));
}

function decodeMessage(message: JsonObject, path: string, notes: DecodeContext): JsonObject {
  const { role, content, tool_calls, tool_call_id, cache_control, ...others } = message;
  if (role === 'function')
    notes.refuse(`${path}.role`, 'The role "function" is legacy: use tools, and the role "tool"');
  const decoded = {
    role: role === 'developer' ? 'system' : role,
    toolCalls: decodeCalls(tool_calls, `${path}.tool_calls`, notes),
    toolCallId: tool_call_id,
    ...(isJsonObject(cache_control) && { cacheBreakpoint: true }),
  };
  if (role !== 'assistant') {
    notes.ignore(others, path);
    return { ...decoded, ...decodeContent(content, path, notes) };
  }
  const { refusal, provider_state, x_parley, reasoning_content, reasoning_details, ...rest } = others;
  const details = readReasoningDetails(reasoning_details);
  const reasoning = reasoning_content ?? (details.reasoning || undefined);
  const ownState = provider_state ?? (isJsonObject(x_parley) ? x_parley['provider_state'] : undefined);
  notes.ignore(withoutEcho(rest), path);
  return {
    ...decoded,
    // A refusal in an assistant message is its text.
    ...decodeContent(content ?? refusal, path, notes),
    providerState: ownState ?? details.providerState ?? stateOfCalls(tool_calls),
    // Echoed by clients that do not know provider_state.
    ...(typeof reasoning === 'string' && { reasoning }),
  };
}

/** Fields of an answer's message that clients send back with the conversation, and that mean nothing in a request. */
function withoutEcho({
  annotations: _annotations,
  parsed: _parsed,
  audio: _audio,
  images: _images,
  ...others
}: JsonObject): JsonObject {
  return others;
}

function decodeContent(content: unknown, path: string, notes: DecodeContext): JsonObject {
  if (!Array.isArray(content)) return { content };
  const parts = notes.bounded(content, `${path}.content`, chatLimits.parts);
  return { parts: parts.map((part, index) => decodePart(part, `${path}.content[${index}]`, notes)) };
}

/** `cache_control` is Anthropic's, and the form of other gateways; `prompt_cache_breakpoint` is OpenAI's. */
function decodePart(part: unknown, path: string, notes: DecodeContext): unknown {
  if (!isJsonObject(part)) return part;
  const { cache_control, prompt_cache_breakpoint, ...plain } = part;
  const decoded = decodePlainPart(plain, path, notes);
  const isMarked = isJsonObject(cache_control) || isJsonObject(prompt_cache_breakpoint);
  return isMarked && isJsonObject(decoded) ? { ...decoded, cacheBreakpoint: true } : decoded;
}

function decodePlainPart(part: JsonObject, path: string, notes: DecodeContext): unknown {
  const { type, ...fields } = part;
  switch (type) {
    case 'text': {
      const { text, ...others } = fields;
      notes.ignore(others, path);
      return { text };
    }
    case 'refusal': {
      const { refusal, ...others } = fields;
      notes.ignore(others, path);
      return { text: refusal };
    }
    case 'image_url': {
      const { image_url: image, ...others } = fields;
      notes.ignore(others, path);
      return { image: isJsonObject(image) ? decodeImage(image, `${path}.image_url`, notes) : image };
    }
    case 'file': {
      const { file, ...others } = fields;
      notes.ignore(others, path);
      return { file: isJsonObject(file) ? decodeFile(file, `${path}.file`, notes) : file };
    }
    case 'input_audio': {
      const { input_audio: audio, ...others } = fields;
      notes.ignore(others, path);
      return { audio: isJsonObject(audio) ? decodeAudio(audio, `${path}.input_audio`, notes) : audio };
    }
    // Not OpenAI's: the form of Qwen and of many servers.
    case 'video_url': {
      const { video_url: video, ...others } = fields;
      notes.ignore(others, path);
      const { url, ...more } = isJsonObject(video) ? video : { url: video };
      notes.ignore(more, `${path}.video_url`);
      return { video: { url } };
    }
    default:
      notes.refuse(`${path}.type`, 'Expected "text", "image_url", "file", "input_audio" or "video_url"');
      return part;
  }
}

function decodeImage({ url, detail, ...others }: JsonObject, path: string, notes: DecodeContext): JsonObject {
  notes.ignore(others, path);
  return { url, detail };
}

/** `file_data` is a data URL; clients that follow the reference to its letter send base64 alone, of a PDF. */
export function decodeFile(
  { file_data, filename, file_id, ...others }: JsonObject,
  path: string,
  notes: DecodeContext,
): JsonObject {
  notes.ignore(others, path);
  if (file_id !== undefined && file_id !== null) {
    notes.refuse(`${path}.file_id`, 'Files of a provider are not accessible to callers: send "file_data"');
  }
  const isUrl = typeof file_data !== 'string' || /^(data|https?):/i.test(file_data.slice(0, 6));
  const name = filename ?? undefined;
  return isUrl ? { url: file_data, name } : { data: file_data, mediaType: 'application/pdf', name };
}

export function decodeAudio({ data, format, ...others }: JsonObject, path: string, notes: DecodeContext): JsonObject {
  notes.ignore(others, path);
  if (typeof data === 'string' && /^(data|https?):/i.test(data.slice(0, 6))) return { url: data };
  if (typeof format !== 'string') notes.refuse(`${path}.format`, 'Expected the format of the sound: "wav" or "mp3"');
  return { data, mediaType: typeof format === 'string' ? `audio/${format}` : undefined };
}

function decodeCalls(calls: unknown, path: string, notes: DecodeContext): unknown {
  if (!Array.isArray(calls)) return calls;
  return notes.bounded(calls, path, chatLimits.tools).map((call, index) => {
    if (!isJsonObject(call)) return call;
    const { id, type, function: called, index: _place, extra_content: _state, ...others } = call;
    if (type !== 'function') notes.refuse(`${path}[${index}].type`, 'Expected "function"');
    notes.ignore(others, `${path}[${index}]`);
    const { name, arguments: json } = isJsonObject(called) ? called : {};
    return { id, name, arguments: json };
  });
}
