/** GraphiQL's first tabs. Narrow lines, so that nothing is cut off beside the response. */

const stream = `# Events arrive as the model writes.
# Stopping here stops the model too.
subscription FirstStream {
  chatStream(input: {
    model: "anthropic/claude-sonnet-4-5"
    messages: [{
      role: USER
      content: "What does an LLM gateway do?"
    }]
  }) {
    __typename
    ... on CompletionStarted { model isSandbox }
    ... on ContentDelta { text }
    ... on CompletionFinished {
      finishReason
      usage { inputTokens outputTokens }
      cost { total }
      latencyMs
    }
    ... on CompletionFailed { code message }
  }
}
`;

const models = `# Every field is described: hover it.
query LongContextVisionModels {
  models(filter: {
    modalities: [IMAGE]
    tools: true
    minContextWindow: 200000
    status: [ACTIVE]
  }) {
    id
    contextWindow
    pricing { inputPerMillion outputPerMillion }
  }
}
`;

const comparison = `# Two models in one round trip. If one fails,
# the answer of the other is still there.
query Compare {
  a: chat(input: {
    model: "openai/gpt-4o"
    messages: [{ role: USER, content: "Three colours?" }]
  }) { ...Answer }
  b: chat(input: {
    model: "deepseek/deepseek-v4-flash"
    messages: [{ role: USER, content: "Three colours?" }]
  }) { ...Answer }
}

fragment Answer on ChatResult {
  ... on Completion { text latencyMs cost { total } }
  ... on ChatFailure { code message retryable }
}
`;

export const examples = [{ query: stream }, { query: models }, { query: comparison }];
