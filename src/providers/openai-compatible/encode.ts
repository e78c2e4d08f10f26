import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Target } from '../../core/model.ts';
import { checkFacts, checkOutputModalities, refuse } from '../capability-checks.ts';
import { withInstruction } from '../json-prompt.ts';
import { checkMedia } from '../media-rules.ts';
import { encodePromptCache } from '../prompt-cache.ts';
import { array } from '../read-json.ts';
import { encodeSampling, keepOnePenalty } from '../sampling.ts';
import { encodeServerTools } from '../server-tools.ts';
import { maxTokensFieldOf } from '../wire-facts.ts';
import { encodeFormat } from './format.ts';
import { encodeConversation } from './messages.ts';
import { mediaRules, type Profile, samplingFields, withAssumptions } from './profile.ts';
import { encodeReasoning } from './reasoning.ts';
import { encodeTools } from './tools.ts';

export function encode(profile: Profile, request: ChatRequest, known: Target, mode: Mode): EncodedRequest {
  checkFacts(request, known);
  checkMedia(request, known, mediaRules(profile));
  checkOutputModalities(request, known, profile.speaks ? ['text', 'audio'] : ['text']);
  checkProfile(profile, request, known);
  const target = withAssumptions(profile, known);
  const reasoning = encodeReasoning(profile, request, target);
  const encoded = encodeSampling(request, target, samplingFields(profile), reasoning.isOn);
  const sampling = profile.onePenalty ? keepOnePenalty(encoded, profile.onePenalty) : encoded;
  const tools = encodeTools(profile, request);
  const format = encodeFormat(profile, request, target);
  const cache = encodePromptCache(request, target, profile.promptCache);
  const hosted = encodeServerTools(request, target, profile.serverTools);
  const output = encodeOutput(request, mode);
  const messages = withInstruction(request.messages, format.instruction);
  const conversation = encodeConversation(profile, messages, target, cache.breakpoint);
  const body = {
    model: target.model,
    messages: conversation.messages,
    ...(request.maxTokens !== undefined && { [maxTokensField(profile, target)]: request.maxTokens }),
    ...sampling.fields,
    ...reasoning.fields,
    ...tools.fields,
    ...hosted.fields,
    ...(hosted.tools.length > 0 && { tools: [...array(tools.fields['tools']), ...hosted.tools] }),
    ...format.fields,
    ...cache.fields,
    ...output,
    ...(mode === 'stream' && { stream: true }),
    ...(mode === 'stream' && profile.streamOptions !== false && { stream_options: { include_usage: true } }),
  };
  const parts = [sampling, reasoning, tools, hosted, format, cache, conversation];
  return { path: '/chat/completions', body, warnings: parts.flatMap(({ warnings }) => warnings) };
}

function checkProfile(profile: Profile, request: ChatRequest, { provider }: Target): void {
  const { maxTokens } = profile;
  if (profile.tools === false && request.tools.length > 0) refuse('tools', `${provider} does not support tools.`);
  if (maxTokens !== undefined && request.maxTokens !== undefined && request.maxTokens > maxTokens) {
    refuse('maxTokens', `${provider} generates at most ${maxTokens} tokens.`);
  }
}

/** Sound comes as PCM in streams, the one format that has no head. */
function encodeOutput({ outputModalities = [], speech }: ChatRequest, mode: Mode): Record<string, unknown> {
  if (!outputModalities.includes('audio')) return {};
  const format = speech?.format ?? (mode === 'stream' ? 'pcm16' : 'wav');
  return { modalities: outputModalities, audio: { voice: speech?.voice ?? 'alloy', format } };
}

function maxTokensField(profile: Profile, { facts }: Target): string {
  return maxTokensFieldOf({ facts }) ?? profile.maxTokensField ?? 'max_tokens';
}
