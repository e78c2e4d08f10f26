import type { EncodedRequest, Mode } from '../../core/adapter.ts';
import type { ChatRequest, Message, ResponseFormat } from '../../core/chat.ts';
import type { Warning } from '../../core/completion.ts';
import type { Target } from '../../core/model.ts';
import { checkFacts, hasImages, refuse } from '../contract.ts';
import { chooseEffort } from '../effort.ts';
import { encodeSampling } from '../sampling.ts';
import { type Profile, samplingFields } from './profile.ts';

type Fields = Record<string, unknown>;

export function encode(profile: Profile, request: ChatRequest, target: Target, mode: Mode): EncodedRequest {
  checkFacts(request, target);
  checkProfile(profile, request, target);
  const sampling = encodeSampling(request, target, samplingFields(profile));
  const format = encodeFormat(profile, request, target);
  const effort = encodeEffort(profile, request, target);
  const body = {
    model: target.model,
    messages: encodeMessages(profile, [...request.messages, ...format.instructions], target),
    ...(request.maxTokens !== undefined && { [maxTokensField(profile, target)]: request.maxTokens }),
    ...sampling.fields,
    ...effort.fields,
    ...encodeTools(request),
    ...format.fields,
    ...(mode === 'stream' && { stream: true }),
    ...(mode === 'stream' && profile.streamOptions !== false && { stream_options: { include_usage: true } }),
  };
  return { path: '/chat/completions', body, warnings: [...sampling.warnings, ...effort.warnings, ...format.warnings] };
}

function checkProfile(profile: Profile, request: ChatRequest, { provider }: Target): void {
  if (profile.tools === false && request.tools.length > 0) refuse('tools', `${provider} does not take tools.`);
  if (profile.images === false && hasImages(request)) refuse('messages', `${provider} does not take images.`);
  const choice = request.toolChoice;
  if (choice === undefined || request.tools.length === 0) return;
  const kind = typeof choice === 'object' ? 'tool' : choice;
  if (profile.toolChoices && !profile.toolChoices.includes(kind)) {
    refuse('toolChoice', `${provider} cannot be held to this tool choice; it takes ${profile.toolChoices.join(', ')}.`);
  }
}

function maxTokensField(profile: Profile, { facts }: Target): string {
  return facts?.maxTokensField ?? profile.maxTokensField ?? 'max_tokens';
}

function encodeEffort(profile: Profile, request: ChatRequest, target: Target): { fields: Fields; warnings: Warning[] } {
  const { word, warnings } = chooseEffort(request.reasoningEffort, target);
  if (!word) return { fields: {}, warnings };
  return { fields: profile.reasoning?.(word, request, target) ?? { reasoning_effort: word }, warnings };
}

function encodeMessages(profile: Profile, messages: readonly Message[], { facts }: Target): Fields[] {
  const role = facts?.systemRole ?? 'system';
  const ordered = profile.systemFirst ? withSystemFirst(messages) : messages;
  return ordered.map((message) => encodeMessage(message, role, profile.plainText === true));
}

function withSystemFirst(messages: readonly Message[]): readonly Message[] {
  const system = messages.flatMap((message) => (message.role === 'system' ? [message.text] : []));
  if (system.length === 0) return messages;
  return [{ role: 'system', text: system.join('\n\n') }, ...messages.filter((message) => message.role !== 'system')];
}

function encodeMessage(message: Message, systemRole: string, plainText: boolean): Fields {
  switch (message.role) {
    case 'system':
      return { role: systemRole, content: message.text };
    case 'user': {
      const onlyText = message.parts.every((part) => part.type === 'text');
      if (onlyText && (plainText || message.parts.length === 1)) {
        return { role: 'user', content: message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') };
      }
      return {
        role: 'user',
        content: message.parts.map((part) =>
          part.type === 'text'
            ? { type: 'text', text: part.text }
            : { type: 'image_url', image_url: { url: part.url, ...(part.detail && { detail: part.detail }) } },
        ),
      };
    }
    case 'assistant':
      if (message.toolCalls.length === 0) return { role: 'assistant', content: message.text };
      return {
        role: 'assistant',
        content: message.text || null,
        tool_calls: message.toolCalls.map(({ id, name, arguments: text }) => ({
          id,
          type: 'function',
          function: { name, arguments: text || '{}' },
        })),
      };
    case 'tool':
      return { role: 'tool', tool_call_id: message.toolCallId, content: message.text };
  }
}

function encodeTools({ tools, toolChoice }: ChatRequest): Fields {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      type: 'function',
      function: {
        name,
        ...(description !== undefined && { description }),
        parameters: parameters ?? { type: 'object', properties: {} },
        ...(strict !== undefined && { strict }),
      },
    })),
    ...(toolChoice !== undefined && {
      tool_choice:
        typeof toolChoice === 'object' ? { type: 'function', function: { name: toolChoice.tool } } : toolChoice,
    }),
  };
}

type EncodedFormat = { fields: Fields; warnings: Warning[]; instructions: Message[] };

function encodeFormat(profile: Profile, request: ChatRequest, target: Target): EncodedFormat {
  const format = request.responseFormat;
  if (!format) return { fields: {}, warnings: [], instructions: [] };
  const support = supportOf(profile, format, target);
  if (format.type === 'json_schema' && support === 'native') {
    return { fields: { response_format: nativeSchema(profile, format) }, warnings: [], instructions: [] };
  }
  const fields = support === 'prompt' ? {} : { response_format: { type: 'json_object' } };
  if (format.type === 'json_schema') {
    const message = `${target.model} on ${target.provider} follows no schema by itself; it was asked to in the prompt`;
    return { fields, warnings: [{ option: 'responseFormat', message }], instructions: [system(schemaPrompt(format))] };
  }
  // Several hosts refuse JSON mode when no message contains the word.
  if (support === 'native' && mentionsJson(request.messages)) return { fields, warnings: [], instructions: [] };
  const message =
    support === 'prompt'
      ? `${target.model} on ${target.provider} has no JSON mode; it was asked for JSON in the prompt`
      : 'No message mentions JSON, which JSON mode demands; a sentence that does was added';
  return {
    fields,
    warnings: [{ option: 'responseFormat', message }],
    instructions: [system('Answer with one JSON object and nothing else.')],
  };
}

function supportOf({ json = {} }: Profile, format: ResponseFormat, { facts }: Target): 'native' | 'object' | 'prompt' {
  const object = facts?.structuredOutput === 'none' ? 'prompt' : (json.object ?? 'native');
  if (format.type === 'json_object') return object;
  const schema = json.schema ?? 'native';
  const known = facts?.structuredOutput;
  if (schema === 'native' && (known === undefined || known === 'json_schema')) return 'native';
  return object === 'native' && schema !== 'prompt' ? 'object' : 'prompt';
}

function nativeSchema({ json }: Profile, format: ResponseFormat & { type: 'json_schema' }): Fields {
  const { name, description, schema, strict } = format;
  if (json?.bareSchema) return { type: 'json_schema', json_schema: { schema } };
  return {
    type: 'json_schema',
    json_schema: {
      name,
      ...(description !== undefined && { description }),
      schema,
      ...(strict !== undefined && { strict }),
    },
  };
}

function schemaPrompt({ schema }: ResponseFormat & { type: 'json_schema' }): string {
  return `Answer with one JSON object and nothing else. It must follow this JSON schema:\n${JSON.stringify(schema)}`;
}

function system(text: string): Message {
  return { role: 'system', text };
}

function mentionsJson(messages: readonly Message[]): boolean {
  return messages.some((message) =>
    message.role === 'user'
      ? message.parts.some((part) => part.type === 'text' && /json/i.test(part.text))
      : /json/i.test(message.text),
  );
}
