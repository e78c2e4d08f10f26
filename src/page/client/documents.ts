/** All documents of the page. `npm run operations` generates the types of their results in operations.ts. */

export const catalogue = /* GraphQL */ `query Catalogue {
  models {
    id
    displayName
    provider { id name status }
    contextWindow
    inputModalities
    pricing { inputPerMillion outputPerMillion }
    supports { reasoning sampling tools structuredOutput }
    status
    released
    retired
    isAvailable
    isSandbox
  }
}
`;

export const compare = /* GraphQL */ `subscription Compare($input: ChatInput!) {
  chatStream(input: $input) {
    __typename
    ... on CompletionStarted { streamId cursor provider model isSandbox }
    ... on ReasoningDelta { text cursor }
    ... on ContentDelta { text cursor }
    ... on ToolCallDelta { index name argumentsDelta cursor }
    ... on CompletionFinished {
      finishReason
      rawFinishReason
      refusal
      citations { url title }
      usage { inputTokens outputTokens reasoningOutputTokens }
      cost { total currency }
      warnings { option message }
      attempts { provider model code status durationMs }
      latencyMs
      timeToFirstTokenMs
    }
    ... on CompletionFailed {
      code
      message
      retryable
      retryAfterMs
      issues { path message }
      usage { inputTokens outputTokens reasoningOutputTokens }
      attempts { provider model code status durationMs }
    }
  }
}
`;

/** The same events, after those that arrived before the connection broke. */
export const resume = /* GraphQL */ `subscription Resume($streamId: ID!, $after: String) {
  resumeChatStream(streamId: $streamId, after: $after) {
    __typename
    ... on CompletionStarted { streamId cursor provider model isSandbox }
    ... on ReasoningDelta { text cursor }
    ... on ContentDelta { text cursor }
    ... on ToolCallDelta { index name argumentsDelta cursor }
    ... on CompletionFinished {
      finishReason
      rawFinishReason
      refusal
      citations { url title }
      usage { inputTokens outputTokens reasoningOutputTokens }
      cost { total currency }
      warnings { option message }
      attempts { provider model code status durationMs }
      latencyMs
      timeToFirstTokenMs
    }
    ... on CompletionFailed {
      code
      message
      retryable
      retryAfterMs
      issues { path message }
      usage { inputTokens outputTokens reasoningOutputTokens }
      attempts { provider model code status durationMs }
    }
  }
}
`;

export const running = /* GraphQL */ `query Running {
  chatStreams { streamId requestId }
}
`;

export const stopStream = /* GraphQL */ `mutation Stop($streamId: ID!) {
  stopChatStream(streamId: $streamId) { outcome }
}
`;

export const providers = /* GraphQL */ `query Providers {
  providers {
    id
    name
    status
    availableAt
    keys {
      name
      cooldowns { model status code availableAt }
    }
  }
  usage(by: PROVIDER) {
    since
    rows {
      name
      requests
      errors
      inputTokens
      outputTokens
      costUsd
      unpricedRequests
      timeToFirstTokenMs { p50 p95 }
    }
  }
}
`;
