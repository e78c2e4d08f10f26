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

/** What programs ask: an answer as it is written. It is shown as code, and runs in GraphiQL. */
export const chatDocument = /* GraphQL */ `subscription Chat($input: ChatInput!) {
  chatStream(input: $input) {
    __typename
    ... on CompletionStarted { provider model isSandbox }
    ... on ReasoningDelta { text }
    ... on ContentDelta { text }
    ... on ToolCallDelta { index id name argumentsDelta }
    ... on FileDelta { index mediaType data }
    ... on ObjectDelta { object }
    ... on CompletionFinished {
      finishReason
      refusal
      citations { url title }
      usage { inputTokens outputTokens reasoningOutputTokens cacheReadInputTokens }
      cost { total currency }
      warnings { option message }
      attempts { provider model code status durationMs }
      latencyMs
      timeToFirstTokenMs
    }
    ... on CompletionFailed { code message retryable retryAfterMs issues { path message } }
  }
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
