/** What a request wants besides text, tools and JSON, read from each wire: aimock has none of it. */

type Fields = { readonly [field: string]: unknown };

export type ServerToolKind = 'web_search' | 'code_execution' | 'url_context';

export type Wanted = {
  readonly wire: 'chat' | 'responses' | 'messages' | 'gemini' | 'cohere';
  readonly isStream: boolean;
  readonly model: string;
  readonly prompt: string;
  readonly serverTools: readonly ServerToolKind[];
  readonly image: boolean;
  readonly audio: { readonly format: string } | undefined;
  readonly logprobs: { readonly top: number } | undefined;
  readonly serviceTier: string | undefined;
  readonly isCached: boolean;
  /** A text between a prompt and a suffix. `text`: in the legacy form of completions. */
  readonly fillIn?: 'message' | 'text';
};

/** Undefined for a request that aimock can answer. */
export function readWanted(path: string, body: unknown): Wanted | undefined {
  const request = fields(body);
  const wanted = readWire(path, request);
  const { serverTools, image, audio, logprobs, serviceTier, isCached, fillIn } = wanted;
  const isSpecial =
    serverTools.length > 0 || image || audio || logprobs || serviceTier !== undefined || isCached || fillIn;
  return isSpecial && !hasFunctions(request) && !wantsJson(request) ? wanted : undefined;
}

function readWire(path: string, request: Fields): Wanted {
  const isCached = JSON.stringify(request).includes('"cache_control"') || request['prompt_cache_key'] !== undefined;
  if (path.startsWith('/v1beta/')) return readGemini(path, request);
  const common = {
    isStream: request['stream'] === true,
    model: String(request['model'] ?? request['preset'] ?? ''),
    serviceTier: text(request['service_tier']),
    isCached,
    image: false,
    audio: undefined,
    logprobs: undefined,
  };
  const types = list(request['tools']).map((tool) => String(fields(tool)['type']));
  if (path.startsWith('/v1/messages')) {
    return { ...common, wire: 'messages', prompt: promptOf(request['messages']), serverTools: toolsAmong(types) };
  }
  if (path.endsWith('/responses')) {
    const include = list(request['include']);
    return {
      ...common,
      wire: 'responses',
      prompt: promptOf(request['input']),
      serverTools: toolsAmong(types),
      image: types.includes('image_generation'),
      logprobs: include.includes('message.output_text.logprobs')
        ? { top: Number(request['top_logprobs'] ?? 0) }
        : undefined,
    };
  }
  if (path.startsWith('/v2/')) {
    const logprobs = request['logprobs'] === true ? { top: 0 } : undefined;
    return { ...common, wire: 'cohere', prompt: promptOf(request['messages']), serverTools: [], logprobs };
  }
  const searches = request['web_search_options'] !== undefined || request['enable_search'] === true;
  return {
    ...common,
    wire: 'chat',
    prompt: text(request['prompt']) ?? promptOf(request['messages']),
    ...(request['messages'] === undefined && { fillIn: path.endsWith('/fim/completions') ? 'message' : 'text' }),
    serverTools: [...toolsAmong(types), ...(searches ? (['web_search'] as const) : [])],
    audio: list(request['modalities']).includes('audio')
      ? { format: String(fields(request['audio'])['format'] ?? 'wav') }
      : undefined,
    logprobs: request['logprobs'] === true ? { top: Number(request['top_logprobs'] ?? 0) } : undefined,
  };
}

function readGemini(path: string, request: Fields): Wanted {
  const config = fields(request['generationConfig']);
  const modalities = list(config['responseModalities']).map(String);
  const names = list(request['tools']).flatMap((tool) => Object.keys(fields(tool)));
  return {
    wire: 'gemini',
    isStream: path.includes(':streamGenerateContent'),
    model: decodeURIComponent(/\/models\/([^:/?]{1,200})/.exec(path.slice(0, 300))?.[1] ?? ''),
    prompt: promptOf(request['contents']),
    serverTools: toolsAmong(names),
    image: modalities.includes('IMAGE'),
    audio: modalities.includes('AUDIO') ? { format: 'wav' } : undefined,
    logprobs: config['responseLogprobs'] === true ? { top: Number(config['logprobs'] ?? 0) } : undefined,
    serviceTier: text(request['serviceTier']),
    isCached: false,
  };
}

const kinds: readonly (readonly [RegExp, ServerToolKind])[] = [
  [/^(web_search|google_?search|x_search)/i, 'web_search'],
  [/^(code_|codeExecution|sandbox)/i, 'code_execution'],
  [/^(web_fetch|fetch_url|urlContext)/i, 'url_context'],
];

function toolsAmong(types: readonly string[]): readonly ServerToolKind[] {
  return types.flatMap((type) => kinds.find(([pattern]) => pattern.test(type.slice(0, 50)))?.[1] ?? []);
}

function hasFunctions({ tools }: Fields): boolean {
  return list(tools).some((tool) => {
    const { type, functionDeclarations, input_schema } = fields(tool);
    return type === 'function' || functionDeclarations !== undefined || input_schema !== undefined;
  });
}

function wantsJson({ response_format, text: output, output_config, generationConfig }: Fields): boolean {
  const formats = [response_format, fields(output)['format'], fields(output_config)['format']];
  return formats.some((one) => one !== undefined) || fields(generationConfig)['responseMimeType'] !== undefined;
}

/** The last text in it, whatever the form of its messages. */
function promptOf(messages: unknown): string {
  if (typeof messages === 'string') return messages;
  const last = fields(list(messages).at(-1));
  const content = last['content'] ?? last['parts'];
  if (typeof content === 'string') return content;
  return list(content)
    .map((part) => text(fields(part)['text']) ?? '')
    .join('');
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
