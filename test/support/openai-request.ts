import type { ChatInput } from './chat-inputs.ts';

/** The same request as OpenAI's clients write it. Shares no code with the gateway, which has to read it back. */
export function toOpenAiRequest(input: ChatInput): Record<string, unknown> {
  const { messages, tools, toolChoice, responseFormat, systemMessage, ...options } = input;
  return {
    messages: list(messages).map(toMessage),
    system_message: systemMessage,
    tools: tools && list(tools).map((tool) => ({ type: 'function', function: tool })),
    tool_choice: toolChoice && toChoice(toolChoice as Fields),
    response_format: responseFormat && toFormat(responseFormat as Fields),
    temperature: options['temperature'],
    top_p: options['topP'],
    max_completion_tokens: options['maxTokens'],
    stop: options['stop'],
    frequency_penalty: options['frequencyPenalty'],
    presence_penalty: options['presencePenalty'],
    seed: options['seed'],
    reasoning_effort: options['reasoningEffort'],
    parallel_tool_calls: options['parallelToolCalls'],
    user: options['user'],
    top_k: options['topK'],
    verbosity: options['verbosity'],
    service_tier: options['serviceTier'],
    logit_bias: options['logitBias'],
    metadata: options['metadata'],
    prompt_cache_key: (options['promptCache'] as Fields | undefined)?.['key'],
    prompt_cache_retention: (options['promptCache'] as Fields | undefined)?.['ttl'] === 'long' ? '24h' : undefined,
    modalities: options['outputModalities'],
    server_tools: options['serverTools'],
  };
}

type Fields = Readonly<Record<string, unknown>>;

function toMessage({ role, content, parts, toolCalls, toolCallId, providerState }: Fields): object {
  return {
    role: role === 'system' ? 'developer' : role,
    content: parts ? list(parts).map(toPart) : (content ?? null),
    tool_calls:
      toolCalls &&
      list(toolCalls).map((call) => ({
        id: call['id'],
        type: 'function',
        function: { name: call['name'], arguments: call['arguments'] },
      })),
    tool_call_id: toolCallId,
    x_parley: providerState && { provider_state: providerState },
  };
}

function toPart({ cacheBreakpoint, ...part }: Fields): object {
  return { ...toPlainPart(part), ...(cacheBreakpoint === true && { cache_control: { type: 'ephemeral' } }) };
}

function toPlainPart({ text, image, file, audio, video }: Fields): object {
  if (image) return { type: 'image_url', image_url: image };
  if (file) {
    const { url, data, mediaType } = file as Fields;
    return { type: 'file', file: { file_data: url ?? `data:${mediaType};base64,${data}` } };
  }
  if (audio) return { type: 'input_audio', input_audio: { data: (audio as Fields)['data'], format: 'wav' } };
  return video ? { type: 'video_url', video_url: video } : { type: 'text', text };
}

function toChoice({ mode, tool }: Fields): unknown {
  return mode ?? { type: 'function', function: { name: tool } };
}

function toFormat({ text, jsonObject, jsonSchema }: Fields): object {
  if (jsonSchema) return { type: 'json_schema', json_schema: jsonSchema };
  return { type: text ? 'text' : jsonObject ? 'json_object' : '' };
}

function list(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value : [];
}
