import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { checkFacts } from '../capability-checks.ts';
import { splitSystem } from '../conversation.ts';
import { object } from '../read-json.ts';
import { type EncodedSampling, encodeSampling, type SamplingFields } from '../sampling.ts';
import { encodeFormat } from './format.ts';
import { encodeMessages } from './messages.ts';
import { encodeThinking } from './thinking.ts';
import { encodeTools } from './tools.ts';

const sampling: SamplingFields = {
  temperature: { field: 'temperature', max: 1, notWith: 'reasoning' },
  topP: { field: 'top_p', notWith: 'reasoning' },
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  seed: undefined,
  stop: { field: 'stop_sequences' },
  user: { field: 'user' },
  parallelToolCalls: { field: 'parallel_tool_calls' },
};

/** The wire requires a limit. All models since Claude 4.5 can write this many tokens. */
const defaultMaxTokens = 64_000;

export function encode(request: ChatRequest, target: Target, mode: Mode): EncodedRequest {
  checkFacts(request, target);
  const maxTokens = request.maxTokens ?? target.facts?.maxOutputTokens ?? defaultMaxTokens;
  const stop = settleStop(request.stop);
  const thinking = encodeThinking(request, target, maxTokens);
  const hints = withoutBoth(encodeSampling({ ...request, stop: stop.texts }, target, sampling, thinking.isOn), target);
  const { user, parallel_tool_calls: _inToolChoice, ...fields } = hints.fields;
  const format = encodeFormat(request, target);
  const tools = encodeTools(request, target);
  const spoken = splitSystem(withCallIds(request.messages, callIdRules.anthropic));
  const system = [spoken.system, format.instruction].filter(Boolean).join('\n\n');
  const messages = encodeMessages(spoken.turns, target);
  const { output_config: effort, ...thinkingFields } = thinking.fields;
  const outputConfig = { ...object(effort), ...format.outputConfig };
  const body = {
    model: target.model,
    max_tokens: maxTokens,
    ...(system && { system }),
    messages: messages.turns,
    ...fields,
    ...(typeof user === 'string' && { metadata: { user_id: user } }),
    ...thinkingFields,
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...tools.fields,
    ...(mode === 'stream' && { stream: true }),
  };
  const parts = [stop, hints, thinking, tools, format, spoken, messages];
  return { path: '/v1/messages', body, warnings: parts.flatMap(({ warnings }) => warnings) };
}

/** All models but those before structured output: "temperature and top_p cannot both be specified for this model". */
function withoutBoth({ fields, warnings }: EncodedSampling, { facts }: Target): EncodedSampling {
  const { top_p: topP, ...others } = fields;
  if (topP === undefined || fields['temperature'] === undefined || facts?.structuredOutput === 'none') {
    return { fields, warnings };
  }
  const message = 'anthropic does not support it together with temperature; left out';
  return { fields: others, warnings: [...warnings, { option: 'topP', message }] };
}

/** "stop_sequences: each stop sequence must contain non-whitespace" (400). */
function settleStop(stop: ChatRequest['stop']): { texts: string[] | undefined; warnings: Warning[] } {
  const texts = stop?.filter((text) => text.trim() !== '');
  if (texts?.length === stop?.length) return { texts, warnings: [] };
  const message = 'anthropic does not support stop sequences of white space alone; they were left out';
  return { texts, warnings: [{ option: 'stop', message }] };
}
