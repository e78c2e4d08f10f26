import type { ChatInput } from 'parley-client';
import type { ChatTool } from 'parley-client/chat';
import { typedNumber } from './draft.ts';
import { words } from './language.ts';

/** What a conversation is asked with. Everything is text until it is sent. */
export type ChatSettings = {
  readonly model: string;
  readonly system: string;
  readonly temperature: string;
  readonly maxTokens: string;
  /** A JSON array of tools, each with the result that the page answers with. */
  readonly tools: string;
  /** The JSON schema of answers. */
  readonly schema: string;
};

export const noSettings: ChatSettings = {
  ...{ model: '', system: '', temperature: '', maxTokens: '', tools: '', schema: '' },
};

const place = 'parley:chat-settings';

export function rememberedSettings(): ChatSettings {
  try {
    // Only this module writes to this key.
    return { ...noSettings, ...(JSON.parse(sessionStorage.getItem(place) ?? '{}') as Partial<ChatSettings>) };
  } catch {
    return noSettings;
  }
}

export function rememberSettings(settings: ChatSettings): void {
  try {
    sessionStorage.setItem(place, JSON.stringify(settings));
  } catch {
    // No room: a reload begins without them.
  }
}

export type Mocks = Readonly<Record<string, ChatTool>>;

export type ReadSettings = {
  readonly input: Omit<ChatInput, 'messages' | 'tools'>;
  readonly tools: Mocks;
};

/** The settings as the client takes them, or what is wrong with them. */
export function readSettings(settings: ChatSettings): ReadSettings | { readonly problem: string } {
  const { model, system } = settings;
  const temperature = typedNumber(settings.temperature);
  const maxTokens = typedNumber(settings.maxTokens);
  if (Number.isNaN(temperature)) return { problem: words.notANumber(words.temperature, '0.7') };
  if (Number.isNaN(maxTokens)) return { problem: words.notANumber(words.maxTokens, '500') };
  const tools = readTools(settings.tools);
  if ('problem' in tools) return tools;
  const schema = readJson(settings.schema);
  if (schema.problem !== undefined) return { problem: `${words.schema}: ${schema.problem}` };
  if (schema.value !== undefined && !isObject(schema.value))
    return { problem: `${words.schema}: ${words.notAnObject}` };
  const input = {
    model,
    ...(system.trim() && { systemMessage: system }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(isObject(schema.value) && { responseFormat: { jsonSchema: { name: 'answer', schema: schema.value } } }),
  };
  return { input, tools: tools.tools };
}

/** A tool with a `result` is answered by the page; without one, by the user. */
function readTools(text: string): { readonly tools: Mocks } | { readonly problem: string } {
  const { value = [], problem } = readJson(text);
  if (problem !== undefined) return { problem: `${words.toolsTitle}: ${problem}` };
  const tools: Record<string, ChatTool> = {};
  for (const one of Array.isArray(value) ? value : [value]) {
    if (!isObject(one) || typeof one['name'] !== 'string')
      return { problem: `${words.toolsTitle}: ${words.toolNeedsName}` };
    const { name, description, parameters, result } = one;
    tools[name] = {
      description: typeof description === 'string' ? description : '',
      parameters: isObject(parameters) ? parameters : { type: 'object', properties: {} },
      ...('result' in one && { execute: () => result }),
    };
  }
  return { tools };
}

function readJson(text: string): { readonly value?: unknown; readonly problem?: string } {
  if (text.trim() === '') return {};
  try {
    return { value: JSON.parse(text) };
  } catch (thrown) {
    return { problem: words.notJson((thrown as Error).message) };
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const exampleTools = `[
  {
    "name": "get_weather",
    "description": "The weather of a city",
    "parameters": {
      "type": "object",
      "properties": { "city": { "type": "string" } },
      "required": ["city"]
    },
    "result": { "celsius": 21, "sky": "clear" }
  }
]`;

export const exampleSchema = `{
  "type": "object",
  "properties": {
    "title": { "type": "string" },
    "points": { "type": "array", "items": { "type": "string" } }
  },
  "required": ["title", "points"],
  "additionalProperties": false
}`;
