import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Target } from '../../core/model.ts';
import { checkFacts, checkImageTypes, hasImages, refuse } from '../capability-checks.ts';
import { withInstruction } from '../json-prompt.ts';
import { encodeSampling, keepOnePenalty } from '../sampling.ts';
import { maxTokensFieldOf } from '../wire-facts.ts';
import { encodeFormat } from './format.ts';
import { encodeConversation } from './messages.ts';
import { type Profile, samplingFields, withAssumptions } from './profile.ts';
import { encodeReasoning } from './reasoning.ts';
import { encodeTools } from './tools.ts';

export function encode(profile: Profile, request: ChatRequest, known: Target, mode: Mode): EncodedRequest {
  checkFacts(request, known);
  checkProfile(profile, request, known);
  const target = withAssumptions(profile, known);
  const reasoning = encodeReasoning(profile, request, target);
  const encoded = encodeSampling(request, target, samplingFields(profile), reasoning.isOn);
  const sampling = profile.onePenalty ? keepOnePenalty(encoded, profile.onePenalty) : encoded;
  const tools = encodeTools(profile, request);
  const format = encodeFormat(profile, request, target);
  const conversation = encodeConversation(profile, withInstruction(request.messages, format.instruction), target);
  const body = {
    model: target.model,
    messages: conversation.messages,
    ...(request.maxTokens !== undefined && { [maxTokensField(profile, target)]: request.maxTokens }),
    ...sampling.fields,
    ...reasoning.fields,
    ...tools.fields,
    ...format.fields,
    ...(mode === 'stream' && { stream: true }),
    ...(mode === 'stream' && profile.streamOptions !== false && { stream_options: { include_usage: true } }),
  };
  const parts = [sampling, reasoning, tools, format, conversation];
  return { path: '/chat/completions', body, warnings: parts.flatMap(({ warnings }) => warnings) };
}

function checkProfile(profile: Profile, request: ChatRequest, { provider }: Target): void {
  const { images, maxTokens } = profile;
  if (profile.tools === false && request.tools.length > 0) refuse('tools', `${provider} does not support tools.`);
  if (images === false && hasImages(request)) refuse('messages', `${provider} does not support images.`);
  if (images) checkImageTypes(request, provider, images);
  if (maxTokens !== undefined && request.maxTokens !== undefined && request.maxTokens > maxTokens) {
    refuse('maxTokens', `${provider} generates at most ${maxTokens} tokens.`);
  }
}

function maxTokensField(profile: Profile, { facts }: Target): string {
  return maxTokensFieldOf({ facts }) ?? profile.maxTokensField ?? 'max_tokens';
}
