import { Buffer } from 'node:buffer';
import { samplePicture, sampleSound } from './sample-files.ts';
import type { Wanted } from './wanted.ts';

/** Answers with sources, files, logprobs and the like, in each provider's own wire: whole, or as the events of a stream. */

export type SpecialAnswer = { readonly whole: object; readonly events: readonly object[] };

const source = { url: 'https://example.com/sandbox', title: 'A page that the sandbox made up' };
const created = 1_760_000_000;
const charsPerToken = 4;

type Parts = {
  readonly text: string;
  readonly tokens: readonly string[];
  readonly input: number;
  readonly output: number;
  readonly cached: number;
  readonly query: string;
};

export function specialAnswer(wanted: Wanted): SpecialAnswer {
  const text = textFor(wanted);
  const parts: Parts = {
    text,
    tokens: text === '' ? [] : text.split(/(?<=\S)(?=\s)/),
    input: Math.max(1, Math.ceil(wanted.prompt.length / charsPerToken)),
    output: Math.ceil(text.length / charsPerToken),
    cached: wanted.isCached ? 1_024 : 0,
    query: wanted.prompt.slice(0, 80),
  };
  switch (wanted.wire) {
    case 'chat':
      return wanted.fillIn === 'text' ? toTextForm(chatAnswer(wanted, parts)) : chatAnswer(wanted, parts);
    case 'responses':
      return responsesAnswer(wanted, parts);
    case 'messages':
      return messagesAnswer(wanted, parts);
    case 'gemini':
      return geminiAnswer(wanted, parts);
    case 'cohere':
      return cohereAnswer(parts);
  }
}

function textFor({ serverTools, image, audio, model, fillIn }: Wanted): string {
  if (fillIn) return '/* filled in by the sandbox */';
  if (serverTools.includes('web_search')) return 'The sandbox searched nothing, and cites a page that it made up.';
  if (serverTools.includes('code_execution')) return 'The sandbox ran no code. It would have printed 4.';
  if (serverTools.includes('url_context')) return 'The sandbox fetched no page.';
  if (image) return 'Here is a picture.';
  return audio ? 'This is a tone.' : `Hello from Parley's sandbox, in the place of ${model}.`;
}

type Choice = { readonly message?: { readonly content: string }; readonly delta?: { readonly content?: string } };

/** The legacy form: the choice has the text. */
function toTextForm({ whole, events }: SpecialAnswer): SpecialAnswer {
  const convert = (body: object) => ({
    ...body,
    object: 'text_completion',
    choices: (body as { choices: readonly Choice[] }).choices.map(({ message, delta, ...choice }) => ({
      ...choice,
      text: (message ?? delta)?.content ?? '',
    })),
  });
  return { whole: convert(whole), events: events.map(convert) };
}

function toLogprobs({ logprobs }: Wanted, tokens: readonly string[]) {
  if (!logprobs) return undefined;
  const toToken = (token: string, logprob: number) => ({ token, logprob, bytes: [...Buffer.from(token)] });
  return tokens.map((token) => ({
    ...toToken(token, -0.25),
    top_logprobs: [token, ' or', ' and', ' but'].slice(0, logprobs.top).map((one, at) => toToken(one, -0.25 - at)),
  }));
}

function chatAnswer(wanted: Wanted, { text, tokens, input, output, cached }: Parts): SpecialAnswer {
  const { model, serviceTier, audio } = wanted;
  const head = { id: 'chatcmpl-sandbox', created, model, ...(serviceTier && { service_tier: serviceTier }) };
  const cites = wanted.serverTools.includes('web_search');
  const url_citation = { ...source, start_index: 0, end_index: text.length };
  const annotations = cites ? { annotations: [{ type: 'url_citation', url_citation }] } : {};
  const usage = {
    prompt_tokens: input + cached,
    completion_tokens: output,
    total_tokens: input + cached + output,
    prompt_tokens_details: { cached_tokens: cached },
  };
  const sound = audio && sampleSound(audio.format);
  const spoken = sound && {
    content: null,
    audio: { id: 'audio_sandbox', data: sound.toString('base64'), transcript: text, expires_at: created },
  };
  const logprobs = toLogprobs(wanted, tokens);
  const chunk = (delta: object, more: object = {}) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  });
  const half = sound && Math.floor(sound.length / 2);
  const pieces = sound
    ? [
        chunk({ audio: { id: 'audio_sandbox', transcript: text } }),
        ...[sound.subarray(0, half), sound.subarray(half)].map((one) =>
          chunk({ audio: { data: one.toString('base64') } }),
        ),
      ]
    : tokens.map((content, at) => chunk({ content }, logprobs && { logprobs: { content: [logprobs[at]] } }));
  return {
    whole: {
      ...head,
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: text, ...annotations, ...spoken },
          logprobs: logprobs ? { content: logprobs } : null,
          finish_reason: 'stop',
        },
      ],
      usage,
    },
    events: [
      chunk({ role: 'assistant', content: '' }),
      ...pieces,
      chunk(annotations, { finish_reason: 'stop' }),
      { ...head, object: 'chat.completion.chunk', choices: [], usage },
    ],
  };
}

function responsesAnswer(wanted: Wanted, { text, tokens, input, output, cached, query }: Parts): SpecialAnswer {
  const { model, serviceTier, serverTools, image } = wanted;
  const logprobs = toLogprobs(wanted, tokens) ?? [];
  const cites = serverTools.includes('web_search');
  const citation = { type: 'url_citation', ...source, start_index: 0, end_index: text.length };
  const calls = serverTools.map((tool, at) =>
    tool === 'web_search'
      ? { type: 'web_search_call', id: `ws_${at}`, status: 'completed', action: { type: 'search', query } }
      : { type: 'code_interpreter_call', id: `ci_${at}`, status: 'completed', code: 'print(2 + 2)' },
  );
  const picture = {
    type: 'image_generation_call',
    id: 'ig_0',
    status: 'completed',
    result: samplePicture,
    output_format: 'png',
  };
  const part = { type: 'output_text', text, annotations: cites ? [citation] : [], logprobs };
  const message = { type: 'message', id: 'msg_0', role: 'assistant', status: 'completed', content: [part] };
  const items: { readonly type: string }[] = [...calls, ...(image ? [picture] : []), message];
  const head = { id: 'resp_sandbox', object: 'response', created_at: created, model };
  const response = {
    ...head,
    status: 'completed',
    output: items,
    ...(serviceTier && { service_tier: serviceTier }),
    usage: {
      input_tokens: input + cached,
      output_tokens: output,
      total_tokens: input + cached + output,
      input_tokens_details: { cached_tokens: cached },
    },
  };
  const events = items.flatMap((item, output_index): object[] => {
    const opened = {
      ...item,
      status: 'in_progress',
      ...(item === message ? { content: [] } : {}),
      ...(item === picture ? { result: null } : {}),
    };
    const deltas =
      item === message
        ? tokens.map((delta) => ({ type: 'response.output_text.delta', output_index, content_index: 0, delta }))
        : [];
    return [
      { type: 'response.output_item.added', output_index, item: opened },
      ...deltas,
      { type: 'response.output_item.done', output_index, item },
    ];
  });
  return {
    whole: response,
    events: [
      { type: 'response.created', response: { ...head, status: 'in_progress', output: [] } },
      ...events,
      { type: 'response.completed', response },
    ],
  };
}

function messagesAnswer(wanted: Wanted, { text, tokens, input, output, cached, query }: Parts): SpecialAnswer {
  const { model, serverTools } = wanted;
  const names = { web_search: 'web_search', code_execution: 'code_execution', url_context: 'web_fetch' } as const;
  const used = serverTools.flatMap((tool, at) => {
    const id = `srvtoolu_${at}`;
    const inputs = {
      web_search: { query },
      code_execution: { code: 'print(2 + 2)' },
      url_context: { url: source.url },
    };
    const result =
      tool === 'web_search'
        ? [{ type: 'web_search_result', ...source, encrypted_content: 'sandbox' }]
        : { type: `${names[tool]}_result` };
    return [
      { type: 'server_tool_use', id, name: names[tool], input: inputs[tool] },
      { type: `${names[tool]}_tool_result`, tool_use_id: id, content: result },
    ];
  });
  const citation = { type: 'web_search_result_location', ...source, cited_text: text, encrypted_index: 'sandbox' };
  const citations = serverTools.includes('web_search') ? [citation] : [];
  const answer = { type: 'text', text, ...(citations.length > 0 && { citations }) };
  const usage = {
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: cached,
    cache_creation_input_tokens: 0,
    service_tier: 'standard',
    server_tool_use: {
      web_search_requests: serverTools.filter((tool) => tool === 'web_search').length,
      web_fetch_requests: serverTools.filter((tool) => tool === 'url_context').length,
    },
  };
  const head = { id: 'msg_sandbox', type: 'message', role: 'assistant', model };
  const blocks = [...used, answer].flatMap((block, index): object[] => {
    const isText = block.type === 'text';
    const opened = isText ? { type: 'text', text: '' } : 'input' in block ? { ...block, input: {} } : block;
    const deltas: object[] = isText
      ? [
          ...tokens.map((one) => ({ type: 'text_delta', text: one })),
          ...citations.map((one) => ({ type: 'citations_delta', citation: one })),
        ]
      : 'input' in block
        ? [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }]
        : [];
    return [
      { type: 'content_block_start', index, content_block: opened },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ];
  });
  return {
    whole: { ...head, content: [...used, answer], stop_reason: 'end_turn', usage },
    events: [
      { type: 'message_start', message: { ...head, content: [], usage: { ...usage, output_tokens: 0 } } },
      ...blocks,
      { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage },
      { type: 'message_stop' },
    ],
  };
}

function cohereAnswer({ text, tokens, input, output }: Parts): SpecialAnswer {
  const logprob = (token: string) => ({ text: token, token_ids: [1], logprobs: [-0.25] });
  const usage = {
    billed_units: { input_tokens: input, output_tokens: output },
    tokens: { input_tokens: input, output_tokens: output },
  };
  const content = (one: string) => ({ message: { content: { text: one } } });
  return {
    whole: {
      id: 'sandbox',
      message: { role: 'assistant', content: [{ type: 'text', text }] },
      finish_reason: 'COMPLETE',
      logprobs: tokens.map(logprob),
      usage,
    },
    events: [
      { type: 'message-start', id: 'sandbox', delta: { message: { role: 'assistant' } } },
      { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
      ...tokens.map((one) => ({ type: 'content-delta', index: 0, delta: content(one), logprobs: logprob(one) })),
      { type: 'content-end', index: 0 },
      { type: 'message-end', delta: { finish_reason: 'COMPLETE', usage } },
    ],
  };
}

function geminiAnswer(wanted: Wanted, { text, tokens, input, output, query }: Parts): SpecialAnswer {
  const { model, serverTools, image, audio, logprobs } = wanted;
  const code = serverTools.includes('code_execution')
    ? [
        { executableCode: { language: 'PYTHON', code: 'print(2 + 2)' } },
        { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '4\n' } },
      ]
    : [];
  const files = [
    ...(image ? [{ inlineData: { mimeType: 'image/png', data: samplePicture } }] : []),
    ...(audio ? [{ inlineData: { mimeType: 'audio/wav', data: sampleSound('wav').toString('base64') } }] : []),
  ];
  const candidate = (token: string) => ({ token, logProbability: -0.25 });
  const grounding = {
    webSearchQueries: [query],
    groundingChunks: [{ web: { uri: source.url, title: source.title } }],
    groundingSupports: [{ segment: { endIndex: Buffer.byteLength(text), text }, groundingChunkIndices: [0] }],
  };
  const end = {
    finishReason: 'STOP',
    ...(serverTools.includes('web_search') && { groundingMetadata: grounding }),
    ...(logprobs && {
      logprobsResult: {
        chosenCandidates: tokens.map(candidate),
        topCandidates: tokens.map((token) => ({ candidates: [token, ' or'].slice(0, logprobs.top).map(candidate) })),
      },
    }),
  };
  const usageMetadata = { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output };
  const piece = (parts: readonly object[], more: object = {}) => ({
    responseId: 'sandbox',
    modelVersion: model,
    candidates: [{ content: { role: 'model', parts }, ...more }],
  });
  return {
    whole: { ...piece([...code, { text }, ...files], end), usageMetadata },
    events: [
      ...(code.length > 0 ? [piece(code)] : []),
      ...tokens.map((one) => piece([{ text: one }])),
      ...(files.length > 0 ? [piece(files)] : []),
      { ...piece([], end), usageMetadata },
    ],
  };
}
