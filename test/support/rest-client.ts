/** A plain client of OpenAI's paths, stricter about server-sent events than any SDK. */

export type Json = { readonly [key: string]: unknown };

export type RestAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
};

export function post(url: string, body: object | string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal && { signal }),
  });
}

export async function complete(url: string, body: object | string): Promise<RestAnswer> {
  const { status, headers, ...response } = await readWhole(await post(url, body));
  return { status, headers, body: JSON.parse(response.text) };
}

async function readWhole(response: Response): Promise<{ status: number; headers: Headers; text: string }> {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export type RestStream = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The payload of each event, without the end marker. */
  readonly chunks: readonly Json[];
};

/** A stream, or the whole answer of a request that failed before it began. */
export async function completeStream(url: string, body: object): Promise<RestStream> {
  const { status, headers, text } = await readWhole(await post(url, { ...body, stream: true }));
  const isStream = headers.get('content-type')?.startsWith('text/event-stream');
  return { status, headers, text, chunks: isStream ? readEvents(text) : [JSON.parse(text)] };
}

/** Each event is one line and an empty one, and the end marker is last. Everything else throws. */
export function readEvents(text: string): Json[] {
  const events = text.split('\n\n');
  if (events.pop() !== '') throw new Error('The stream does not end with an empty line');
  if (events.pop() !== 'data: [DONE]') throw new Error('The stream does not end with its end marker');
  return events
    .filter((event) => event !== ': ping')
    .map((event) => {
      if (!/^data: [^\r\n]*$/.test(event)) throw new Error(`No event: ${event.slice(0, 40)}`);
      return JSON.parse(event.slice('data: '.length));
    });
}

/** The chunks of a stream, folded into a message. */
export function foldChunks(chunks: readonly Json[]): Json {
  let content = '';
  let reasoning = '';
  const calls: { id: unknown; name: unknown; arguments: string }[] = [];
  let last: Json = {};
  let usage: unknown;
  for (const chunk of chunks) {
    const [choice] = (chunk['choices'] ?? []) as { delta: Json; finish_reason: string | null }[];
    if (chunk['usage']) usage = chunk['usage'];
    if (!choice) continue;
    content += choice.delta['content'] ?? '';
    reasoning += choice.delta['reasoning_content'] ?? '';
    for (const delta of (choice.delta['tool_calls'] ?? []) as CallDelta[]) {
      const first = { id: delta.id, name: delta.function.name, arguments: '' };
      const call = calls[delta.index] ?? first;
      calls[delta.index] = { ...call, arguments: call.arguments + delta.function.arguments };
    }
    if (choice.finish_reason !== null) last = { ...choice.delta, finish_reason: choice.finish_reason, ...chunk };
  }
  return { content, reasoning, calls, usage, ...pick(last, ['finish_reason', 'x_parley', 'annotations']) };
}

/** The same body without durations. */
export function withoutTimes(body: Json): Json {
  return JSON.parse(JSON.stringify(body, (name, value) => (/^(latency|overhead)_ms$/.test(name) ? undefined : value)));
}

type CallDelta = { index: number; id?: string; function: { name?: string; arguments: string } };

function pick(from: Json, names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}
