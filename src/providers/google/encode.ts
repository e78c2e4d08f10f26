import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { checkFacts } from '../capability-checks.ts';
import { splitSystem } from '../conversation.ts';
import { encodeSampling, type SamplingFields, type SamplingOption } from '../sampling.ts';
import { encodeContents } from './contents.ts';
import { encodeFormat } from './format.ts';
import { generationOf, type ModelGeneration } from './model-generation.ts';
import { encodeThinking } from './thinking.ts';
import { encodeTools } from './tools.ts';

type Fields = Record<string, unknown>;

const sampling: SamplingFields = {
  temperature: { field: 'temperature' },
  topP: { field: 'topP' },
  frequencyPenalty: { field: 'frequencyPenalty' },
  presencePenalty: { field: 'presencePenalty' },
  // An int32 on the wire.
  seed: { field: 'seed', min: -(2 ** 31), max: 2 ** 31 - 1 },
  stop: { field: 'stopSequences', maxItems: 5 },
  user: undefined,
  parallelToolCalls: { field: 'parallelToolCalls' },
};

export function encode(request: ChatRequest, target: Target, mode: Mode): EncodedRequest {
  checkFacts(request, target);
  const generation = generationOf(target);
  const hints = encodeHints(request, target, generation);
  const thinking = encodeThinking(request, target, generation);
  const format = encodeFormat(request, target, generation);
  const { system, turns, warnings: moved } = splitSystem(withCallIds(request.messages, callIdRules.any));
  const instructions = [system, format.instruction].filter(Boolean).join('\n\n');
  const generationConfig = {
    ...(request.maxTokens !== undefined && { maxOutputTokens: request.maxTokens }),
    ...hints.fields,
    ...thinking.fields,
    ...format.fields,
  };
  const body = {
    ...encodeContents(turns, instructions, generation),
    ...encodeTools(request),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
  };
  return {
    path: pathOf(target.model, mode),
    body,
    warnings: [...hints.warnings, ...thinking.warnings, ...format.warnings, ...moved],
  };
}

/** A tuned model is named with its collection; otherwise the name is one path segment, whatever it contains. */
function pathOf(model: string, mode: Mode): string {
  const [, collection = 'models', name = model] = /^(models|tunedModels)\/([^/]+)$/.exec(model) ?? [];
  const method = mode === 'stream' ? 'streamGenerateContent?alt=sse' : 'generateContent';
  return `/${collection}/${encodeURIComponent(name)}:${method}`;
}

function encodeHints(
  request: ChatRequest,
  target: Target,
  generation: ModelGeneration,
): { fields: Fields; warnings: Warning[] } {
  const encoded = encodeSampling(request, target, sampling);
  const { parallelToolCalls, ...fields } = encoded.fields;
  const warnings = [...encoded.warnings];
  const warn = (option: SamplingOption | 'messages', why: string) =>
    warnings.push({ option, message: `${why}; left out` });
  // Parallel calls are the default on this wire.
  if (parallelToolCalls === false) warn('parallelToolCalls', 'google does not support a limit of one call at a time');
  for (const penalty of ['frequencyPenalty', 'presencePenalty'] as const) {
    // "Penalty is not enabled for this model": all models since 2.5, and Gemma.
    if (fields[penalty] === undefined || generation === 'gemini-2.0') continue;
    delete fields[penalty];
    warn(penalty, `${target.model} does not support it`);
  }
  if (asksForDetail(request)) warn('messages', 'google supports no detail for a single image');
  return { fields, warnings };
}

function asksForDetail({ messages }: ChatRequest): boolean {
  return messages.some(
    (message) =>
      message.role === 'user' &&
      message.parts.some((part) => part.type === 'image' && (part.detail === 'low' || part.detail === 'high')),
  );
}
