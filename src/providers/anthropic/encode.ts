import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { checkFacts, checkOutputModalities } from '../capability-checks.ts';
import { splitSystem } from '../conversation.ts';
import { checkMedia, type MediaRules } from '../media-rules.ts';
import { array, object } from '../read-json.ts';
import { type EncodedSampling, encodeSampling, type SamplingFields } from '../sampling.ts';
import { approximate, encodeServerTools, given, type ServerToolWire } from '../server-tools.ts';
import { blocksOf, encodeCacheControl, isMarked as hasMark, limitBreakpoints } from './cache-control.ts';
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
  topK: { field: 'top_k', isSampling: true, notWith: 'reasoning' },
  serviceTier: { field: 'service_tier', words: { auto: 'auto', default: 'standard_only' } },
};

const serverTools: ServerToolWire = {
  web_search: ({ maxUses, allowedDomains, blockedDomains, userLocation }) => ({
    tool: {
      type: 'web_search_20250305',
      name: 'web_search',
      ...given({ max_uses: maxUses, allowed_domains: allowedDomains, blocked_domains: blockedDomains }),
      ...approximate(userLocation),
    },
  }),
  code_execution: () => ({ tool: { type: 'code_execution_20250825', name: 'code_execution' } }),
  url_context: ({ maxUses }) => ({
    tool: { type: 'web_fetch_20250910', name: 'web_fetch', ...given({ max_uses: maxUses }) },
  }),
};

/** Documents by URL have to be PDFs; their type is not known here. */
export const media: MediaRules = {
  image: {},
  file: { types: ['application/pdf', 'text/'] },
  inToolResults: ['image', 'file'],
};

/** The wire requires a limit. All models since Claude 4.5 can write this many tokens. */
const defaultMaxTokens = 64_000;

export function encode(request: ChatRequest, target: Target, mode: Mode): EncodedRequest {
  checkFacts(request, target);
  checkMedia(request, target, media);
  checkOutputModalities(request, target);
  const maxTokens = request.maxTokens ?? target.facts?.maxOutputTokens ?? defaultMaxTokens;
  const stop = settleStop(request.stop);
  const thinking = encodeThinking(request, target, maxTokens);
  const hints = withoutBoth(encodeSampling({ ...request, stop: stop.texts }, target, sampling, thinking.isOn), target);
  const { user, parallel_tool_calls: _inToolChoice, ...fields } = hints.fields;
  const format = encodeFormat(request, target);
  const tools = encodeTools(request, target);
  const spoken = splitSystem(withCallIds(request.messages, callIdRules.anthropic));
  const cache = encodeCacheControl(request);
  const system = encodeSystem(request, spoken.system, format.instruction, cache.breakpoint);
  const messages = encodeMessages(spoken.turns, target, cache.breakpoint);
  const hosted = encodeServerTools(request, target, serverTools);
  const blocks = blocksOf(system, messages.turns);
  const crowded = limitBreakpoints(blocks);
  const { output_config: effort, ...thinkingFields } = thinking.fields;
  const outputConfig = { ...object(effort), ...format.outputConfig };
  const body = {
    model: target.model,
    max_tokens: maxTokens,
    ...(system !== '' && { system }),
    messages: messages.turns,
    ...fields,
    ...(typeof user === 'string' && { metadata: { user_id: user } }),
    ...thinkingFields,
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...tools.fields,
    ...(hosted.tools.length > 0 && { tools: [...array(tools.fields['tools']), ...hosted.tools] }),
    ...(request.promptCache && !hasMark(blocks) && cache.breakpoint),
    ...(mode === 'stream' && { stream: true }),
  };
  const parts = [stop, hints, thinking, tools, hosted, cache, format, spoken, messages, { warnings: crowded }];
  return { path: '/v1/messages', body, warnings: parts.flatMap(({ warnings }) => warnings) };
}

function encodeSystem(
  { messages }: ChatRequest,
  system: string,
  instruction: string | undefined,
  breakpoint: Record<string, unknown>,
): unknown {
  const isMarked = messages.some((message) => message.role === 'system' && message.cacheBreakpoint);
  if (!isMarked || system.trim() === '') return [system, instruction].filter(Boolean).join('\n\n');
  const marked = { type: 'text', text: system, ...breakpoint };
  return instruction === undefined ? [marked] : [marked, { type: 'text', text: instruction }];
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
