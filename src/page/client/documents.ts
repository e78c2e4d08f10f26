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
