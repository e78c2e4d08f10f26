import type { RequestedFeatures } from './canned-responses.ts';

/** How each wire encodes features besides messages. */

type Fields = { readonly [field: string]: unknown };

export function readRequestedFeatures(path: string, body: unknown): RequestedFeatures {
  if (path.startsWith('/v1/messages')) return anthropicFeatures(fields(body));
  if (path.startsWith('/v1beta/')) return geminiFeatures(fields(body));
  if (path.startsWith('/v2/')) return cohereFeatures(fields(body));
  if (isResponses(path)) return responsesFeatures(fields(body));
  return openAiFeatures(fields(body));
}

/** The model that a request names: in its path (Google), as a preset (Perplexity), or in its body. */
export function modelOf(path: string, body: unknown): string {
  const [, inPath] = /\/models\/([^:/?]{1,200})/.exec(path.slice(0, 300)) ?? [];
  const { model, preset } = fields(body);
  const named = inPath ?? model ?? preset;
  return typeof named === 'string' ? decodeURIComponent(named) : '';
}

/** Providers of the OpenAI family without `stream_options`, which always report the usage of streams. */
const alwaysTellUsage = /^\/(mistral|ai21|perplexity)\//;

export function isResponses(path: string): boolean {
  return path.endsWith('/responses');
}

/** Rewrites a request where aimock would answer otherwise than the provider. */
export function toAimockBody(path: string, body: unknown): unknown {
  const { model, preset } = fields(body);
  // Perplexity takes a preset instead of a model; aimock knows models only.
  if (isResponses(path)) return { ...fields(body), model: model ?? preset };
  return alwaysTellUsage.test(path) ? { ...fields(body), stream_options: { include_usage: true } } : body;
}

function openAiFeatures(body: Fields): RequestedFeatures {
  const { response_format, tool_choice, max_completion_tokens, max_tokens, reasoning_effort, enable_thinking } = body;
  const format = fields(response_format);
  return {
    json: jsonFeature(format['type'], fields(format['json_schema'])['schema']),
    tool: toolFeature(fields(tool_choice)['type'] ?? tool_choice, fields(fields(tool_choice)['function'])['name']),
    reasoning: (typeof reasoning_effort === 'string' && reasoning_effort !== 'none') || enable_thinking === true,
    maxTokens: number(max_completion_tokens ?? max_tokens),
  };
}

function responsesFeatures({
  text,
  response_format,
  tool_choice,
  reasoning,
  max_output_tokens,
}: Fields): RequestedFeatures {
  const format = fields(fields(text)['format'] ?? response_format);
  const { type: choice, name } = fields(tool_choice);
  const { effort } = fields(reasoning);
  return {
    json: jsonFeature(format['type'], format['schema'] ?? fields(format['json_schema'])['schema']),
    tool: toolFeature(choice ?? tool_choice, name),
    reasoning: typeof effort === 'string' && effort !== 'none',
    maxTokens: number(max_output_tokens),
  };
}

function anthropicFeatures({ output_config, tool_choice, max_tokens, thinking }: Fields): RequestedFeatures {
  const format = fields(fields(output_config)['format']);
  const mode = fields(thinking)['type'];
  return {
    json: jsonFeature(format['type'], format['schema']),
    tool: toolFeature(fields(tool_choice)['type'], fields(tool_choice)['name']),
    reasoning: typeof mode === 'string' && mode !== 'disabled',
    maxTokens: number(max_tokens),
  };
}

function cohereFeatures({ response_format, tool_choice, max_tokens }: Fields): RequestedFeatures {
  const format = fields(response_format);
  return {
    json: jsonFeature(format['type'], format['json_schema']),
    tool: toolFeature(tool_choice, undefined),
    // aimock would write it into the text.
    reasoning: false,
    maxTokens: number(max_tokens),
  };
}

function geminiFeatures({ generationConfig, toolConfig, tools }: Fields): RequestedFeatures {
  const { responseMimeType, responseJsonSchema, responseSchema, maxOutputTokens, thinkingConfig } =
    fields(generationConfig);
  const { mode, allowedFunctionNames } = fields(fields(toolConfig)['functionCallingConfig']);
  const declarations = list(tools).flatMap((tool) => list(fields(tool)['functionDeclarations']));
  return {
    json: responseMimeType === 'application/json' ? { schema: responseJsonSchema ?? responseSchema } : undefined,
    tool: toolFeature(mode, list(allowedFunctionNames)[0]),
    reasoning: fields(thinkingConfig)['includeThoughts'] === true,
    maxTokens: number(maxOutputTokens),
    // aimock would send FUNCTION_CALL, which this API does not have.
    callsFinishReason: 'stop',
    // aimock reads the older `parameters` only.
    parameters: Object.fromEntries(
      declarations
        .map(fields)
        .map(({ name, parametersJsonSchema, parameters }) => [name, parametersJsonSchema ?? parameters]),
    ),
  };
}

function jsonFeature(type: unknown, schema: unknown): RequestedFeatures['json'] {
  return type === 'json_object' || type === 'json_schema' ? { schema } : undefined;
}

function toolFeature(kind: unknown, name: unknown): RequestedFeatures['tool'] {
  if (typeof name === 'string') return { name };
  switch (String(kind).toLowerCase()) {
    case 'none':
      return 'none';
    case 'required':
    case 'any':
      return 'any';
    default:
      return undefined;
  }
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
