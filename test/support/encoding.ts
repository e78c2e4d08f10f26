import type { EncodedRequest, Mode, ProviderAdapter } from '../../src/core/adapter.ts';
import { parseChatRequest } from '../../src/core/chat.ts';
import { GatewayError } from '../../src/core/errors.ts';
import type { Target } from '../../src/core/model.ts';
import type { ChatInput } from './chat-inputs.ts';

/** The laws of an encoder: a list of violations for one input. */

const options = [
  'model',
  'messages',
  'systemMessage',
  'temperature',
  'topP',
  'maxTokens',
  'stop',
  'frequencyPenalty',
  'presencePenalty',
  'seed',
  'responseFormat',
  'reasoningEffort',
  'tools',
  'toolChoice',
  'parallelToolCalls',
  'user',
  'topK',
  'verbosity',
  'serviceTier',
  'logitBias',
  'metadata',
  'logprobs',
  'topLogprobs',
  'reasoningBudget',
  'promptCache',
  'outputModalities',
  'speech',
  'serverTools',
];

export function faultsOf(adapter: ProviderAdapter, target: Target, input: ChatInput, mode: Mode): string[] {
  const encoded = encode(adapter, target, input, mode);
  if (encoded instanceof GatewayError) {
    const path = encoded.issues[0]?.path ?? '';
    return options.includes(path) ? [] : [`a refusal that names "${path}"`];
  }
  const warned = new Set(encoded.warnings.map(({ option }) => option));
  return [
    ...[...warned].filter((option) => !options.includes(option)).map((option) => `a warning that names "${option}"`),
    ...faultyValues(encoded.body),
    ...lostWords(input, encoded.body),
    ...Object.keys(input)
      .filter((option) => !warned.has(option) && !meansNothing(option, input, target))
      .flatMap((option) => faultsWith(option, encoded, adapter, target, input, mode)),
  ];
}

/** An option that was given without a warning must be sent, and a number must be unchanged. */
function faultsWith(
  option: string,
  encoded: EncodedRequest,
  adapter: ProviderAdapter,
  target: Target,
  input: ChatInput,
  mode: Mode,
): string[] {
  if (option === 'messages') return [];
  const value = input[option];
  if (typeof value === 'number' && !leaves(encoded.body).includes(value)) return [`${option} is not ${value}`];
  const { [option]: _, ...others } = input;
  const dependants: Record<string, object> = { tools: { toolChoice: undefined }, logprobs: { topLogprobs: undefined } };
  const without = { ...others, ...dependants[option] };
  const bare = encode(adapter, target, without, mode);
  const isSame = !(bare instanceof GatewayError) && JSON.stringify(bare) === JSON.stringify(encoded);
  return isSame ? [`${option} was dropped in silence`] : [];
}

function encode(adapter: ProviderAdapter, target: Target, input: ChatInput, mode: Mode): EncodedRequest | GatewayError {
  const request = parseChatRequest({ model: 'any/model', ...input });
  try {
    return adapter.codecFor(target, request).encode(request, mode);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'UNSUPPORTED_OPTION') return error;
    throw error;
  }
}

/** Values that equal the default. */
function meansNothing(option: string, input: ChatInput, { facts, provider }: Target): boolean {
  const value = input[option];
  const tools = input['tools'];
  const hasTools = Array.isArray(tools) && tools.length > 0;
  switch (option) {
    case 'tools':
    case 'stop':
      return Array.isArray(value) && value.length === 0;
    case 'logitBias':
    case 'metadata':
      return isLike(value, {});
    case 'outputModalities':
      return isLike(value, ['text']);
    case 'logprobs':
      return value === false;
    case 'serverTools':
      // It always searches.
      return provider.startsWith('perplexity') && isLike(value, [{ webSearch: {} }]);
    case 'toolChoice':
      return !hasTools || isLike(value, { mode: 'auto' });
    case 'parallelToolCalls':
      return !hasTools || value === true || isLike(input['toolChoice'], { mode: 'none' });
    case 'responseFormat':
      return isLike(value, { text: true });
    case 'frequencyPenalty':
    case 'presencePenalty':
      return value === 0;
    case 'reasoningEffort':
      // No warning expected: such models never reason, or only on request.
      if (value === 'none') return facts?.reasoning === false || provider === 'ai21' || thinksOnDemand(provider, facts);
      return value === 'auto';
    default:
      return value === undefined;
  }
}

function thinksOnDemand(provider: string, facts: Target['facts']): boolean {
  return provider === 'anthropic' && facts?.sampling === true;
}

/** Messages and tools must arrive, whatever the options. */
function lostWords({ systemMessage, messages, tools, toolChoice }: ChatInput, body: unknown): string[] {
  const sent = JSON.stringify(body);
  const said = leaves([systemMessage, messages].flat().filter((message) => !isSilent(message)));
  // Of several tools, a named one may be offered alone.
  const offered = toolChoice === undefined && Array.isArray(tools) ? tools.map(({ name }) => name) : [];
  return [...said.filter(isContent), ...offered]
    .map((text) => JSON.stringify(text.replace(/^data:[^,]*,/, '')).slice(1, -1))
    .filter((text) => !sent.includes(text))
    .map((text) => `"${text}" got lost`);
}

/** Some wires rewrite an assistant's text and calls; on the others they are unchanged. */
function isSilent(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'role' in message && message.role === 'assistant';
}

/** A text with meaning that is neither one of our names nor an id (Mistral rewrites ids). */
function isContent(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.trim() !== '' &&
    !value.startsWith('{') &&
    !/^call_|^(user|system|tool|auto|low|high|original)$|^[a-z]+\/[a-z]+$/.test(value)
  );
}

function isLike(value: unknown, other: unknown): boolean {
  return JSON.stringify(value) === JSON.stringify(other);
}

function leaves(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : [value];
}

function faultyValues(value: unknown, path = 'body'): string[] {
  if (value === undefined) return [`${path} is undefined`];
  // The one null of the wire: an assistant who only calls tools has no content.
  if (value === null) return /\.messages\.\d+\.content$/.test(path) ? [] : [`${path} is null`];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, child]) => [
    ...(/key|authorization/i.test(name.replace('prompt_cache_key', '')) ? [`${path}.${name} looks like a key`] : []),
    ...faultyValues(child, `${path}.${name}`),
  ]);
}
