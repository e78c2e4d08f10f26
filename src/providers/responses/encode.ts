import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import { mediaOf } from '../../core/message.ts';
import type { Target } from '../../core/model.ts';
import { checkFacts, checkOutputModalities, refuse } from '../capability-checks.ts';
import { checkMedia } from '../media-rules.ts';
import { withAssumptions } from '../openai-compatible/profile.ts';
import { encodePromptCache } from '../prompt-cache.ts';
import { array, object } from '../read-json.ts';
import { encodeSampling } from '../sampling.ts';
import { encodeServerTools } from '../server-tools.ts';
import { encodeFormat } from './format.ts';
import { encodeInput } from './input.ts';
import { mediaRules, type ResponsesProfile, samplingFields } from './profile.ts';
import { encodeReasoning } from './reasoning.ts';
import { encodeTools } from './tools.ts';

type Fields = Readonly<Record<string, unknown>>;

export function encode(profile: ResponsesProfile, request: ChatRequest, known: Target, mode: Mode): EncodedRequest {
  checkFacts(request, known);
  checkMedia(request, known, mediaRules(profile));
  checkOutputModalities(request, known, profile.makesImages ? ['text', 'image'] : ['text']);
  checkProfile(profile, request, known);
  const target = withAssumptions(profile, known);
  const address = addressOf(profile, target);
  const reasoning = encodeReasoning(profile, request, target);
  const sampling = encodeSampling(request, target, samplingFields(profile), reasoning.isOn);
  const { verbosity, logprobs, ...hints } = sampling.fields;
  const tools = encodeTools(profile, request);
  const format = encodeFormat(profile, request, target);
  const cache = encodePromptCache(request, target, profile.promptCache);
  const server = encodeServerTools(request, target, profile.serverTools);
  const input = encodeInput(profile, format.messages, target, format.isInInput, cache.breakpoint);
  const image = request.outputModalities?.includes('image') ? [{ type: 'image_generation' }] : [];
  const hosted = byType([...array(address.fields['tools']), ...server.tools, ...image]);
  const include = [...array(reasoning.fields['include']), ...(logprobs ? ['message.output_text.logprobs'] : [])];
  const body = {
    ...address.fields,
    ...(input.instructions !== undefined && { instructions: input.instructions }),
    input: input.items,
    ...(request.maxTokens !== undefined && { max_output_tokens: request.maxTokens }),
    ...hints,
    ...reasoning.fields,
    ...tools.fields,
    ...server.fields,
    ...cache.fields,
    ...(hosted.length > 0 && { tools: [...hosted, ...array(tools.fields['tools'])] }),
    ...format.fields,
    ...(verbosity !== undefined && { text: { ...object(format.fields['text']), verbosity } }),
    ...(include.length > 0 && { include }),
    // Stored for thirty days otherwise.
    store: false,
    ...(mode === 'stream' && { stream: true }),
    ...(mode === 'stream' && profile.streamOptions && { stream_options: profile.streamOptions }),
  };
  const parts = [address, sampling, reasoning, tools, server, format, cache, input];
  return { path: profile.path ?? '/responses', body, warnings: parts.flatMap(({ warnings }) => warnings) };
}

/** A tool that a model always has, and that the caller configures, is one tool. */
function byType(tools: readonly unknown[]): readonly unknown[] {
  return [...new Map(tools.map((tool) => [object(tool)['type'], tool])).values()];
}

function checkProfile(profile: ResponsesProfile, request: ChatRequest, { provider }: Target): void {
  const { maxImageUrl = Number.POSITIVE_INFINITY, minTokens = 1 } = profile;
  const urls = request.messages.flatMap((message) => mediaOf(message).map(({ part }) => part.url));
  if (urls.some((url) => !url.startsWith('data:') && url.length > maxImageUrl)) {
    refuse('messages', `${provider} supports image URLs up to ${maxImageUrl} characters.`);
  }
  if (request.maxTokens !== undefined && request.maxTokens < minTokens) {
    refuse('maxTokens', `${provider} requires maxTokens of at least ${minTokens}.`);
  }
}

function addressOf(
  { addresses }: ResponsesProfile,
  { model }: Target,
): { readonly fields: Fields; readonly warnings: readonly Warning[] } {
  const address = addresses && Object.hasOwn(addresses, model) ? addresses[model] : undefined;
  if (!address) return { fields: { model }, warnings: [] };
  const { fields, warning } = address;
  return { fields, warnings: warning === undefined ? [] : [{ option: 'model', message: warning }] };
}
