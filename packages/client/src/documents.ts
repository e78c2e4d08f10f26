import type {
  ChatQuery,
  ChatQueryVariables,
  ChatStreamSubscription,
  ChatStreamSubscriptionVariables,
  ChatStreamsQuery,
  ChatStreamsQueryVariables,
  EmbedQuery,
  EmbedQueryVariables,
  ModelsQuery,
  ModelsQueryVariables,
  ResumeChatStreamSubscription,
  ResumeChatStreamSubscriptionVariables,
  StopChatStreamMutation,
  StopChatStreamMutationVariables,
} from './operations.ts';

/**
 * The GraphQL documents of this client. `npm run operations` writes the types of their results (operations.ts) and their list
 * for gateways that run known documents only (persisted-operations.json).
 */

/** A document that carries the types of its result and variables, in the form that GraphQL clients know as typed documents. */
export type TypedDocument<Data, Variables> = string & { readonly __apiType?: (variables: Variables) => Data };

const typed = <Data, Variables>(document: string): TypedDocument<Data, Variables> => document;

/** All events of a stream. */
export const eventFields = /* GraphQL */ `
fragment EventFields on ChatEvent {
__typename
... on CompletionStarted { id streamId cursor provider model created isSandbox }
... on ReasoningDelta { text cursor }
... on ContentDelta { text cursor }
... on ToolCallDelta { index id name argumentsDelta cursor }
... on FileDelta { index mediaType data cursor }
... on ObjectDelta { object cursor }
... on ServerToolEvent { id tool status input cursor }
... on CompletionFinished {
cursor finishReason rawFinishReason refusal object providerState serviceTier
citations { url title text places { start end } }
usage { inputTokens outputTokens totalTokens reasoningOutputTokens cacheReadInputTokens cacheWriteInputTokens isPartial }
cost { total input output saved currency }
warnings { option message }
attempts { provider model code status durationMs }
latencyMs timeToFirstTokenMs
}
... on CompletionFailed {
cursor code message retryable retryAfterMs
issues { path message }
usage { inputTokens outputTokens totalTokens reasoningOutputTokens cacheReadInputTokens cacheWriteInputTokens isPartial }
cost { total input output saved currency }
attempts { provider model code status durationMs }
} }`;

export const chatStream = typed<ChatStreamSubscription, ChatStreamSubscriptionVariables>(
  `${/* GraphQL */ `subscription ChatStream($input: ChatInput!) { chatStream(input: $input) { ...EventFields } }`}${eventFields}`,
);

export const resumeChatStream = typed<ResumeChatStreamSubscription, ResumeChatStreamSubscriptionVariables>(
  `${/* GraphQL */ `subscription ResumeChatStream($streamId: ID!, $after: String) { resumeChatStream(streamId: $streamId, after: $after) { ...EventFields } }`}${eventFields}`,
);

/** Its fields are those of the events again: the generator of types reads documents as they stand here. */
export const chat = typed<
  ChatQuery,
  ChatQueryVariables
>(/* GraphQL */ `query Chat($input: ChatInput!) { chat(input: $input) {
__typename
... on Completion {
id provider model created isSandbox text reasoning
toolCalls { id name arguments }
files { mediaType data }
finishReason rawFinishReason refusal object providerState serviceTier
citations { url title text places { start end } }
usage { inputTokens outputTokens totalTokens reasoningOutputTokens cacheReadInputTokens cacheWriteInputTokens isPartial }
cost { total input output saved currency }
warnings { option message }
attempts { provider model code status durationMs }
latencyMs timeToFirstTokenMs
}
... on ChatFailure {
code message retryable retryAfterMs
issues { path message }
usage { inputTokens outputTokens totalTokens reasoningOutputTokens cacheReadInputTokens cacheWriteInputTokens isPartial }
cost { total input output saved currency }
attempts { provider model code status durationMs }
} } }`);

export const chatStreams = typed<ChatStreamsQuery, ChatStreamsQueryVariables>(
  /* GraphQL */ `query ChatStreams { chatStreams { streamId requestId } }`,
);

export const stopChatStream = typed<StopChatStreamMutation, StopChatStreamMutationVariables>(
  /* GraphQL */ `mutation StopChatStream($streamId: ID!) { stopChatStream(streamId: $streamId) { outcome } }`,
);

export const embed = typed<
  EmbedQuery,
  EmbedQueryVariables
>(/* GraphQL */ `query Embed($input: EmbedInput!) { embed(input: $input) {
__typename
... on Embeddings {
provider model dimensions isSandbox
vectors { values }
usage { inputTokens totalTokens }
cost { total currency }
warnings { option message }
}
... on EmbedFailure {
code message retryable retryAfterMs
issues { path message }
attempts { provider model code status durationMs }
} } }`);

export const models = typed<
  ModelsQuery,
  ModelsQueryVariables
>(/* GraphQL */ `query Models($filter: ModelFilter) { models(filter: $filter) {
id displayName provider { id }
contextWindow maxOutputTokens inputModalities
pricing { inputPerMillion outputPerMillion }
supports { tools structuredOutput reasoning }
status isAvailable isSandbox
} }`);
