import type { EmbeddingModelFacts } from '../core/embed.ts';

/**
 * Models that embed texts, by the vendors' documentation of 2026-11: platform.openai.com/docs/guides/embeddings,
 * ai.google.dev/gemini-api/docs/embeddings, docs.mistral.ai/capabilities/embeddings, docs.cohere.com/docs/cohere-embed,
 * alibabacloud.com/help/en/model-studio/embedding, deepinfra.com/models/embeddings. A model that is not listed is asked all the
 * same.
 */
export const embeddingModels: readonly EmbeddingModelFacts[] = [
  { provider: 'openai', name: 'text-embedding-3-small', dimensions: 1536, isShortened: true, maxInputTokens: 8191 },
  { provider: 'openai', name: 'text-embedding-3-large', dimensions: 3072, isShortened: true, maxInputTokens: 8191 },
  { provider: 'openai', name: 'text-embedding-ada-002', dimensions: 1536, isShortened: false, maxInputTokens: 8191 },
  { provider: 'google', name: 'gemini-embedding-001', dimensions: 3072, isShortened: true, maxInputTokens: 2048 },
  {
    ...{ provider: 'google', name: 'gemini-embedding-2-preview', dimensions: 3072, isShortened: true },
    ...{ maxInputTokens: 8192, takesImages: true },
  },
  { provider: 'mistral', name: 'mistral-embed', dimensions: 1024, isShortened: false, maxInputTokens: 8192 },
  { provider: 'mistral', name: 'codestral-embed', dimensions: 1536, isShortened: true, maxInputTokens: 8192 },
  {
    ...{ provider: 'cohere', name: 'embed-v4.0', dimensions: 1536, isShortened: true },
    ...{ maxInputTokens: 128_000, takesImages: true },
  },
  { provider: 'cohere', name: 'embed-english-v3.0', dimensions: 1024, isShortened: false, maxInputTokens: 512 },
  { provider: 'cohere', name: 'embed-multilingual-v3.0', dimensions: 1024, isShortened: false, maxInputTokens: 512 },
  { provider: 'qwen', name: 'text-embedding-v4', dimensions: 1024, isShortened: true, maxInputTokens: 8192 },
  { provider: 'qwen', name: 'text-embedding-v3', dimensions: 1024, isShortened: true, maxInputTokens: 8192 },
  { provider: 'deepinfra', name: 'BAAI/bge-m3', dimensions: 1024, isShortened: false, maxInputTokens: 8192 },
  {
    provider: 'deepinfra',
    name: 'Qwen/Qwen3-Embedding-8B',
    dimensions: 4096,
    isShortened: true,
    maxInputTokens: 32_768,
  },
];
