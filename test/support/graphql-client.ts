import { type Client, createClient } from 'graphql-sse';

export type GraphQLAnswer = {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
};

/** A plain HTTP client. */
export function query(url: string, document: string, variables: object = {}, key?: string): Promise<GraphQLAnswer> {
  return send(url, { query: document, variables }, key);
}

/** The same for any body. */
export async function send(url: string, body: unknown, key?: string): Promise<GraphQLAnswer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
  });
  return { status: response.status, ...((await response.json()) as Omit<GraphQLAnswer, 'status'>) };
}

/** The standard client of GraphQL over SSE. */
export function sseClient(url: string, key?: string): Client {
  const headers = key ? { authorization: `Bearer ${key}` } : undefined;
  return createClient({ url: `${url}/graphql`, retryAttempts: 0, ...(headers && { headers }) });
}

export type StreamEvent = { readonly __typename: string } & Record<string, unknown>;

/** All events of one subscription, in order. */
export async function streamed(url: string, input: object, document = wholeStream): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  const results = sseClient(url).iterate<{ chatStream: StreamEvent }>({ query: document, variables: { input } });
  for await (const { data, errors } of results) {
    if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
    if (data) events.push(data.chatStream);
  }
  return events;
}

const ending = `finishReason rawFinishReason refusal providerState latencyMs timeToFirstTokenMs overheadMs
  citations { url title text places { start end } } warnings { option message } attempts { provider model key code status durationMs }
  usage { inputTokens outputTokens totalTokens cacheReadInputTokens cacheWriteInputTokens reasoningOutputTokens }
  cost { total input output currency priceSource pricedAt }`;
const failure = `code message retryable retryAfterMs provider model issues { path message } latencyMs overheadMs cost { total }
  attempts { provider model key code status durationMs } usage { inputTokens outputTokens totalTokens }`;

export const wholeChat = `query ($input: ChatInput!) { chat(input: $input) { __typename
  ... on Completion { id provider model created isSandbox text reasoning toolCalls { id name arguments } ${ending} }
  ... on ChatFailure { ${failure} } } }`;

export const wholeStream = `subscription ($input: ChatInput!) { chatStream(input: $input) { __typename
  ... on CompletionStarted { id provider model created isSandbox }
  ... on ContentDelta { text } ... on ReasoningDelta { text }
  ... on ToolCallDelta { index id name argumentsDelta }
  ... on CompletionFinished { ${ending} }
  ... on CompletionFailed { ${failure} } } }`;

export async function chat(url: string, input: object): Promise<StreamEvent> {
  const { data, errors } = await query(url, wholeChat, { input });
  if (errors || !data) throw new Error(errors?.map(({ message }) => message).join('; '));
  return data['chat'] as StreamEvent;
}
