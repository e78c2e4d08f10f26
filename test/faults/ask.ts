import { chat, type StreamEvent, streamed, wholeStream } from '../support/graphql-client.ts';
import { streamedOverMultipart } from '../support/multipart-client.ts';
import { complete, completeStream, foldChunks, type Json } from '../support/rest-client.ts';
import { streamedOverSingleConnection } from '../support/single-connection-client.ts';
import { streamedOverSocket } from '../support/web-socket-client.ts';
import { askMessages, askResponses } from './ask-sdk.ts';
import type { Place } from './fault.ts';

/** Sends a request through one of the faces, and returns the result in one form for all. */

export const faces = ['GraphQL', 'REST', 'Messages', 'Responses'] as const;
export type Face = (typeof faces)[number];

/** Other transports of the GraphQL face. */
export const graphqlTransports = [
  'GraphQL over multipart',
  'GraphQL over WebSocket',
  'GraphQL over a single connection',
] as const;
export type Transport = Face | (typeof graphqlTransports)[number];

export type Asked = { readonly model: string; readonly fallbacks: readonly string[] };

/** The result that a caller saw. */
export type Told = {
  readonly isComplete: boolean;
  /** The text, and the tools that are called with their arguments. */
  readonly said: string;
  readonly code: string | undefined;
  readonly retryable: boolean;
  /** The models that were tried. */
  readonly attempts: readonly string[];
  /** The whole response, as it came. */
  readonly raw: string;
};

const prompt = 'A canary of a prompt';
const tool = {
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

/** Throws where the response has an invalid form. */
export function ask(face: Transport, place: Place, url: string, asked: Asked): Promise<Told> {
  if (isGraphQL(face)) {
    const input = { ...asked, messages: [{ role: 'USER', content: prompt }], tools: [tool] };
    return place === 'whole' ? askGraphQL(url, input) : streamGraphQL(face, url, input);
  }
  const isWhole = place === 'whole';
  if (face === 'Messages') return askMessages(url, isWhole, { ...asked, prompt, tool });
  if (face === 'Responses') return askResponses(url, isWhole, { ...asked, prompt, tool });
  const tools = [{ type: 'function', function: tool }];
  const request = { ...asked, messages: [{ role: 'user', content: prompt }], tools };
  return isWhole ? askRest(url, request) : streamRest(url, request);
}

async function askGraphQL(url: string, input: object): Promise<Told> {
  const told = await chat(url, input);
  const calls = (told['toolCalls'] ?? []) as readonly NamedCall[];
  return toTold(told.__typename === 'Completion', told['text'], calls, told, told);
}

function isGraphQL(face: Transport): face is 'GraphQL' | (typeof graphqlTransports)[number] {
  return face.startsWith('GraphQL');
}

async function streamGraphQL(face: Transport, url: string, input: object): Promise<Told> {
  const events = await eventsOver(face, url, input);
  const ends = events.filter(({ __typename }) => /^Completion(Finished|Failed)$/.test(__typename));
  const last = events.at(-1);
  if (ends.length !== 1 || !last || ends[0] !== last) throw new Error(`${ends.length} ends`);
  const text = events.map((event) => event['text'] ?? '').join('');
  return toTold(last.__typename === 'CompletionFinished', text, foldCalls(events), last, events);
}

function eventsOver(face: Transport, url: string, input: object): Promise<StreamEvent[]> {
  if (face === 'GraphQL over multipart') return streamedOverMultipart(url, wholeStream, input);
  if (face === 'GraphQL over a single connection') return streamedOverSingleConnection(url, wholeStream, input);
  return face === 'GraphQL' ? streamed(url, input) : streamedOverSocket(url, wholeStream, input);
}

export type NamedCall = { readonly name: string; readonly arguments: string };

function foldCalls(events: readonly StreamEvent[]): readonly NamedCall[] {
  const calls: NamedCall[] = [];
  for (const event of events) {
    if (event.__typename !== 'ToolCallDelta') continue;
    const { index, name, argumentsDelta } = event as unknown as Record<'name' | 'argumentsDelta', string> & {
      readonly index: number;
    };
    calls[index] = { name, arguments: (calls[index]?.arguments ?? '') + argumentsDelta };
  }
  return calls;
}

async function askRest(url: string, request: object): Promise<Told> {
  const { status, body } = await complete(url, request);
  const [choice] = (body['choices'] ?? []) as readonly { message: { content: string | null; tool_calls?: Json[] } }[];
  const calls = (choice?.message.tool_calls ?? []).map((call) => call['function'] as NamedCall);
  return toTold(status === 200, choice?.message.content, calls, detailsOf(body), body);
}

async function streamRest(url: string, request: object): Promise<Told> {
  const { chunks } = await completeStream(url, request);
  const choices = chunks.flatMap((chunk) => (chunk['choices'] ?? []) as readonly Json[]);
  const finishes = choices.filter(({ finish_reason }) => finish_reason !== null).length;
  const errors = chunks.filter((chunk) => 'error' in chunk).length;
  if (finishes + errors !== 1) throw new Error(`${finishes} ends and ${errors} errors`);
  const { content, calls } = foldChunks(chunks);
  const last = chunks.find((chunk) => 'error' in chunk || 'x_parley' in chunk) ?? {};
  return toTold(errors === 0, content, calls as readonly NamedCall[], detailsOf(last), chunks);
}

function detailsOf(body: Json): Json {
  const error = (body['error'] ?? {}) as Json;
  const extras = (body['x_parley'] ?? error['x_parley'] ?? {}) as Json;
  return { code: extras['code'], retryable: extras['retryable'], attempts: extras['attempts'] };
}

export function toTold(
  isComplete: boolean,
  text: unknown,
  calls: readonly NamedCall[],
  { code, retryable, attempts }: Json,
  raw: unknown,
): Told {
  const called = calls.map((call) => call.name + call.arguments).join('');
  return {
    isComplete,
    said: `${text ?? ''}${called}`,
    code: code === undefined ? undefined : String(code),
    retryable: retryable === true,
    attempts: ((attempts ?? []) as readonly { model: string }[]).map(({ model }) => model),
    raw: JSON.stringify(raw),
  };
}
