/** What GraphiQL opens with, and what `npm start` suggests to try. */

export const firstQuery = `# Everything is described: hover a field, or open the docs on the left.
query VisionModelsWithLongContext {
  models(filter: { modalities: [IMAGE], tools: true, minContextWindow: 200000, status: [ACTIVE] }) {
    id
    contextWindow
    pricing { inputPerMillion outputPerMillion }
  }
}
`;

export const firstStream = `# Events arrive as the model writes. Stopping here stops the model too.
subscription FirstStream {
  chatStream(
    input: {
      model: "anthropic/claude-sonnet-4-5"
      messages: [{ role: USER, content: "Explain what an LLM gateway does, in three sentences." }]
    }
  ) {
    __typename
    ... on CompletionStarted { provider model isSandbox }
    ... on ContentDelta { text }
    ... on CompletionFinished { finishReason usage { inputTokens outputTokens } cost { total } latencyMs }
    ... on CompletionFailed { code message }
  }
}
`;

export const firstComparison = `# Two models, one round trip. A failure of one leaves the other's answer alone.
query Compare {
  a: chat(input: { model: "openai/gpt-4o", messages: [{ role: USER, content: "Name three colours." }] }) { ...Answer }
  b: chat(input: { model: "deepseek/deepseek-chat", messages: [{ role: USER, content: "Name three colours." }] }) { ...Answer }
}

fragment Answer on ChatResult {
  ... on Completion { text model latencyMs cost { total } isSandbox }
  ... on ChatFailure { code message retryable }
}
`;

export const examples = [{ query: firstStream }, { query: firstQuery }, { query: firstComparison }];
