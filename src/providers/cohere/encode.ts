import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Target } from '../../core/model.ts';
import { checkFacts, checkOutputModalities, refuse } from '../capability-checks.ts';
import { withUserTurn } from '../conversation.ts';
import { withInstruction } from '../json-prompt.ts';
import { checkMedia } from '../media-rules.ts';
import { encodePromptCache } from '../prompt-cache.ts';
import { encodeSampling, keepOnePenalty, type SamplingFields } from '../sampling.ts';
import { encodeServerTools } from '../server-tools.ts';
import { encodeFormat } from './format.ts';
import { encodeMessages } from './messages.ts';
import { encodeThinking } from './thinking.ts';

type Fields = Record<string, unknown>;

const sampling: SamplingFields = {
  temperature: { field: 'temperature', max: 1 },
  topP: { field: 'p', min: 0.01, max: 0.99 },
  frequencyPenalty: { field: 'frequency_penalty', min: 0, max: 1 },
  presencePenalty: { field: 'presence_penalty', min: 0, max: 1 },
  seed: { field: 'seed', min: 0 },
  stop: { field: 'stop_sequences', maxItems: 5 },
  user: undefined,
  parallelToolCalls: undefined,
  topK: { field: 'k', max: 500 },
  logprobs: { field: 'logprobs' },
};

export function encode(request: ChatRequest, target: Target, mode: Mode): EncodedRequest {
  checkFacts(request, target);
  checkMedia(request, target, { image: {} });
  checkOutputModalities(request, target);
  // "Cannot specify both frequency_penalty and presence_penalty", says the list of errors.
  const hints = keepOnePenalty(encodeSampling(request, target, sampling), 'frequency');
  const thinking = encodeThinking(request, target);
  const format = encodeFormat(request, target);
  const cache = encodePromptCache(request, target);
  encodeServerTools(request, target);
  const spoken = withUserTurn(request.messages);
  const warnings = [hints, thinking, format, cache, spoken].flatMap((part) => part.warnings);
  const body = {
    model: target.model,
    messages: encodeMessages(withInstruction(spoken.messages, format.instruction), target),
    ...(request.maxTokens !== undefined && { max_tokens: request.maxTokens }),
    ...hints.fields,
    ...thinking.fields,
    ...encodeTools(request, target),
    ...format.fields,
    ...(mode === 'stream' && { stream: true }),
  };
  return { path: '/chat', body, warnings };
}

/** "This parameter is only compatible with models Command-r7b and newer", says the API reference of `tool_choice`. */
const takesNoToolChoice = /^command(-light|-r|-r-plus)?(-0[348]-2024)?$/;

function encodeTools({ tools, toolChoice = 'auto' }: ChatRequest, { model }: Target): Fields {
  if (tools.length === 0) return {};
  if (toolChoice !== 'auto' && takesNoToolChoice.test(model)) {
    refuse('toolChoice', `${model} does not support this toolChoice; supported: auto.`);
  }
  // The wire cannot force one tool; offering only that tool and forcing a call is the same.
  const offered = typeof toolChoice === 'object' ? tools.filter(({ name }) => name === toolChoice.tool) : tools;
  return {
    tools: offered.map(({ name, description, parameters }) => ({
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: parameters ?? { type: 'object', properties: {} },
      },
    })),
    // One switch for all tools: a tool that did not ask for strictness gets a stronger promise.
    ...(offered.some(({ strict }) => strict) && { strict_tools: true }),
    ...(toolChoice !== 'auto' && { tool_choice: toolChoice === 'none' ? 'NONE' : 'REQUIRED' }),
  };
}
