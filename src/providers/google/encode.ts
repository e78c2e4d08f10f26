import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import { mediaOf } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { callIdRules, withCallIds } from '../call-ids.ts';
import { checkFacts, checkOutputModalities, refuse } from '../capability-checks.ts';
import { splitSystem } from '../conversation.ts';
import { checkMedia, type MediaRules } from '../media-rules.ts';
import { encodePromptCache } from '../prompt-cache.ts';
import { array } from '../read-json.ts';
import { encodeSampling, type SamplingFields, type SamplingOption } from '../sampling.ts';
import { encodeServerTools, lostOf, type ServerToolWire } from '../server-tools.ts';
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
  topK: { field: 'topK' },
  logprobs: { field: 'responseLogprobs' },
  topLogprobs: { field: 'logprobs' },
  serviceTier: { field: 'serviceTier', words: { default: 'standard', flex: 'flex', priority: 'priority' } },
};

const serverTools: ServerToolWire = {
  web_search: (tool) => ({
    tool: { googleSearch: {} },
    // Its filters are those of Vertex.
    lost: lostOf(tool, 'maxUses', 'allowedDomains', 'blockedDomains', 'userLocation'),
  }),
  code_execution: () => ({ tool: { codeExecution: {} } }),
  url_context: ({ maxUses }) => ({ tool: { urlContext: {} }, lost: [maxUses !== undefined && 'maxUses'] }),
};

function encodeOutput({ outputModalities, speech }: ChatRequest): { fields: Fields; warnings: readonly Warning[] } {
  if (!outputModalities) return { fields: {}, warnings: [] };
  const voiceName = speech?.voice;
  const message = 'google has one format of sound, PCM; left out';
  return {
    fields: {
      responseModalities: outputModalities.map((modality) => modality.toUpperCase()),
      ...(voiceName !== undefined && { speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName } } } }),
    },
    warnings: speech?.format === undefined ? [] : [{ option: 'speech', message }],
  };
}

/** It reads from storage of Google's besides, but no other address. */
export const media: MediaRules = {
  image: { form: 'data' },
  file: { form: 'data' },
  audio: { form: 'data' },
  video: { form: 'data' },
};

export function encode(request: ChatRequest, target: Target, mode: Mode): EncodedRequest {
  checkFacts(request, target);
  const generation = generationOf(target);
  checkMedia(request, target, generation === 'gemini-3' ? { ...media, inToolResults: ['image', 'file'] } : media);
  checkOutputModalities(request, target, ['text', 'image', 'audio']);
  const hints = encodeHints(request, target, generation);
  const thinking = encodeThinking(request, target, generation);
  const format = encodeFormat(request, target, generation);
  const { system, turns, warnings: moved } = splitSystem(withCallIds(request.messages, callIdRules.any));
  const instructions = [system, format.instruction].filter(Boolean).join('\n\n');
  const tools = encodeTools(request);
  const cache = encodePromptCache(request, target);
  const hosted = encodeServerTools(request, target, serverTools);
  if (hosted.tools.length > 0 && request.tools.length > 0 && generation !== 'gemini-3') {
    refuse('serverTools', `${target.model} does not run tools of its own beside "tools".`);
  }
  const output = encodeOutput(request);
  const { serviceTier, ...sampled } = hints.fields;
  const generationConfig = {
    ...(request.maxTokens !== undefined && { maxOutputTokens: request.maxTokens }),
    ...sampled,
    ...thinking.fields,
    ...format.fields,
    ...output.fields,
  };
  const body = {
    ...encodeContents(turns, instructions, generation),
    ...tools,
    ...(hosted.tools.length > 0 && { tools: [...array(tools['tools']), ...hosted.tools] }),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
    ...(serviceTier !== undefined && { serviceTier }),
  };
  return {
    path: pathOf(target.model, mode),
    body,
    warnings: [hints, thinking, format, output, hosted, cache].flatMap(({ warnings }) => warnings).concat(moved),
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
  return messages.some((message) => mediaOf(message).some(({ part: { detail = 'auto' } }) => detail !== 'auto'));
}
