/** What programs ask for: an answer as it is written. The page shows it as code and opens it in GraphiQL, and never sends it. */
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
