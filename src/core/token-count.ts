/** Input tokens as a provider counts them. Counting costs nothing. */
export type ProviderTokenCount = { readonly inputTokens: number; readonly usage: undefined };

/** Input tokens of a request, by its provider or by an estimate that is rather high than low. */
export type TokenCount = { readonly inputTokens: number; readonly isEstimate: boolean };
