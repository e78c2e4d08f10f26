import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { checkFacts, checkImageTypes, imageUrls, refuse } from '../capability-checks.ts';
import { withAssumptions } from '../openai-compatible/profile.ts';
import { array } from '../read-json.ts';
import { encodeSampling } from '../sampling.ts';
import { encodeFormat } from './format.ts';
import { encodeInput } from './input.ts';
import { type ResponsesProfile, samplingFields } from './profile.ts';
import { encodeReasoning } from './reasoning.ts';
import { encodeTools } from './tools.ts';

type Fields = Readonly<Record<string, unknown>>;

export function encode(profile: ResponsesProfile, request: ChatRequest, known: Target, mode: Mode): EncodedRequest {
  checkFacts(request, known);
  checkProfile(profile, request, known);
  const target = withAssumptions(profile, known);
  const address = addressOf(profile, target);
  const reasoning = encodeReasoning(profile, request, target);
  const sampling = encodeSampling(request, target, samplingFields(profile), reasoning.isOn);
  const tools = encodeTools(profile, request);
  const format = encodeFormat(profile, request, target);
  const input = encodeInput(profile, format.messages, target, format.isInInput);
  const hosted = array(address.fields['tools']);
  const body = {
    ...address.fields,
    ...(input.instructions !== undefined && { instructions: input.instructions }),
    input: input.items,
    ...(request.maxTokens !== undefined && { max_output_tokens: request.maxTokens }),
    ...sampling.fields,
    ...reasoning.fields,
    ...tools.fields,
    ...(hosted.length > 0 && { tools: [...hosted, ...array(tools.fields['tools'])] }),
    ...format.fields,
    // Stored for thirty days otherwise.
    store: false,
    ...(mode === 'stream' && { stream: true }),
    ...(mode === 'stream' && profile.streamOptions && { stream_options: profile.streamOptions }),
  };
  const parts = [address, sampling, reasoning, tools, format, input];
  return { path: profile.path ?? '/responses', body, warnings: parts.flatMap(({ warnings }) => warnings) };
}

function checkProfile(profile: ResponsesProfile, request: ChatRequest, { provider }: Target): void {
  const { images, maxImageUrl = Number.POSITIVE_INFINITY, minTokens = 1 } = profile;
  if (images) checkImageTypes(request, provider, images);
  if (imageUrls(request).some((url) => url.startsWith('https:') && url.length > maxImageUrl)) {
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
