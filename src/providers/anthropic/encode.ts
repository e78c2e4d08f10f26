import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest, ImagePart, Message } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { checkFacts } from '../contract.ts';
import { readJson, record } from '../lenient.ts';
import { encodeSampling, type SamplingFields } from '../sampling.ts';
import { toAnthropicSchema } from './schema.ts';
import { encodeThinking, thinkingBlocks } from './thinking.ts';

type Fields = Record<string, unknown>;
type Turn = { role: 'user' | 'assistant'; content: Fields[] };

const sampling: SamplingFields = {
  temperature: { field: 'temperature', max: 1 },
  topP: { field: 'top_p' },
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  seed: undefined,
  stop: { field: 'stop_sequences' },
  user: { field: 'user' },
  parallelToolCalls: { field: 'parallel' },
};

/** The wire demands a limit. This is what all models since Claude 4.5 can write. */
const defaultMaxTokens = 64_000;

export function encode(request: ChatRequest, target: Target, mode: Mode): EncodedRequest {
  checkFacts(request, target);
  const maxTokens = request.maxTokens ?? target.facts?.maxOutputTokens ?? defaultMaxTokens;
  const thinking = encodeThinking(request, target, maxTokens);
  const hints = encodeSampling(request, target, sampling);
  const { user, parallel, ...fields } = hints.fields;
  const warnings = [...thinking.warnings, ...hints.warnings, ...settleSampling(fields, thinking.isOn)];
  const format = encodeFormat(request, target);
  const system = [
    ...request.messages.flatMap((message) => (message.role === 'system' ? [message.text] : [])),
    ...format.instructions,
  ].join('\n\n');
  const { output_config: effort, ...thinkingFields } = thinking.fields;
  const outputConfig = { ...record(effort), ...format.outputConfig };
  const body = {
    model: target.model,
    max_tokens: maxTokens,
    ...(system && { system }),
    messages: encodeTurns(request.messages),
    ...fields,
    ...(typeof user === 'string' && { metadata: { user_id: user } }),
    ...thinkingFields,
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...encodeTools(request, parallel === false),
    ...(mode === 'stream' && { stream: true }),
  };
  return { path: '/v1/messages', body, warnings: [...warnings, ...format.warnings] };
}

/** Some models refuse temperature and top_p together, and all refuse both while thinking. */
function settleSampling(fields: Fields, isThinking: boolean): Warning[] {
  const warnings: Warning[] = [];
  const drop = (field: string, option: string, why: string) => {
    if (fields[field] === undefined) return;
    delete fields[field];
    warnings.push({ option, message: `${why}; left out` });
  };
  if (isThinking) {
    drop('temperature', 'temperature', 'anthropic takes it only without reasoning');
    drop('top_p', 'topP', 'anthropic takes it only without reasoning');
  } else if (fields['temperature'] !== undefined) {
    drop('top_p', 'topP', 'anthropic does not take it together with temperature');
  }
  const stop = fields['stop_sequences'];
  if (Array.isArray(stop) && stop.some((sequence: string) => sequence.trim() === '')) {
    fields['stop_sequences'] = stop.filter((sequence: string) => sequence.trim() !== '');
    warnings.push({ option: 'stop', message: 'anthropic refuses sequences of white space; those were left out' });
  }
  return warnings;
}

/** Users and assistants take turns: neighbours of one side become one message. */
function encodeTurns(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  for (const message of messages) {
    if (message.role === 'system') continue;
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const content = encodeBlocks(message);
    const previous = turns.at(-1);
    if (previous?.role === role) previous.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  // The results of a turn's tool calls stand before everything else in the answer to it.
  for (const turn of turns)
    turn.content.sort((a, b) => Number(b['type'] === 'tool_result') - Number(a['type'] === 'tool_result'));
  return turns;
}

function encodeBlocks(message: Message): Fields[] {
  switch (message.role) {
    case 'system':
      return [];
    case 'user':
      // Empty text blocks are refused.
      return message.parts.flatMap((part) =>
        part.type === 'image' ? [encodeImage(part)] : part.text === '' ? [] : [{ type: 'text', text: part.text }],
      );
    case 'assistant':
      return [
        ...thinkingBlocks(message.providerState),
        ...(message.text.trim() === '' ? [] : [{ type: 'text', text: message.text }]),
        ...message.toolCalls.map(({ id, name, arguments: text }) => ({
          type: 'tool_use',
          id,
          name,
          input: record(readJson(text)),
        })),
      ];
    case 'tool':
      return [{ type: 'tool_result', tool_use_id: message.toolCallId, content: message.text }];
  }
}

function encodeImage({ url }: ImagePart): Fields {
  const [, mediaType, data] = /^data:([^;]+);base64,(.*)$/s.exec(url) ?? [];
  return data === undefined
    ? { type: 'image', source: { type: 'url', url } }
    : { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
}

function encodeTools({ tools, toolChoice }: ChatRequest, oneAtATime: boolean): Fields {
  if (tools.length === 0) return {};
  const choice =
    typeof toolChoice === 'object'
      ? { type: 'tool', name: toolChoice.tool }
      : toolChoice === 'required'
        ? { type: 'any' }
        : toolChoice === undefined && !oneAtATime
          ? undefined
          : { type: toolChoice ?? 'auto' };
  const takesOne = oneAtATime && choice?.type !== 'none';
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      name,
      ...(description !== undefined && { description }),
      input_schema: { type: 'object', ...(strict && parameters ? toAnthropicSchema(parameters) : parameters) },
      ...(strict !== undefined && { strict }),
    })),
    ...(choice && { tool_choice: { ...choice, ...(takesOne && { disable_parallel_tool_use: true }) } }),
  };
}

function encodeFormat(
  { responseFormat: format }: ChatRequest,
  { model, facts }: Target,
): { outputConfig: Fields; instructions: string[]; warnings: Warning[] } {
  if (!format) return { outputConfig: {}, instructions: [], warnings: [] };
  const known = facts?.structuredOutput;
  if (format.type === 'json_schema' && (known === undefined || known === 'json_schema')) {
    const outputConfig = { format: { type: 'json_schema', schema: toAnthropicSchema(format.schema) } };
    return { outputConfig, instructions: [], warnings: [] };
  }
  const [instruction, lacks] =
    format.type === 'json_schema'
      ? [` It must follow this JSON schema:\n${JSON.stringify(format.schema)}`, 'follows no schema by itself']
      : ['', 'has no JSON mode'];
  return {
    outputConfig: {},
    instructions: [`Answer with one JSON object and nothing else.${instruction}`],
    warnings: [{ option: 'responseFormat', message: `${model} ${lacks}; it was asked for JSON in the prompt` }],
  };
}
