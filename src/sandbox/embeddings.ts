import { createHash } from 'node:crypto';

/** Vectors that depend on their text alone, so that equal texts are equal. They mean nothing. */

/** The length of a model's vectors. */
export type EmbeddingSize = { readonly provider: string; readonly name: string; readonly dimensions: number };

const usualDimensions = 1536;

/** The whole body of an answer, or undefined where a path is no one of embeddings. */
export function embeddingsAnswer(path: string, body: unknown, models: readonly EmbeddingSize[]): object | undefined {
  const dimensionsOf = (provider: string, name: unknown) =>
    models.find((model) => model.provider === provider && model.name === name)?.dimensions ?? usualDimensions;
  const asked = Object(body) as Readonly<Record<string, unknown>>;
  if (/\/embeddings$/.test(path)) {
    const texts = toTexts(asked['input']);
    const [, provider = ''] = path.split('/', 2);
    const usual = dimensionsOf(provider, asked['model']);
    const size = sizeOf(asked['dimensions'] ?? asked['output_dimension'], usual);
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text, size) }));
    const tokens = tokensOf(texts);
    return { object: 'list', data, model: asked['model'], usage: { prompt_tokens: tokens, total_tokens: tokens } };
  }
  if (/\/v2\/embed$/.test(path)) {
    const texts = toTexts(asked['texts'] ?? toList(asked['inputs']).map((one) => JSON.stringify(one)));
    const usual = dimensionsOf('cohere', asked['model']);
    const size = sizeOf(asked['output_dimension'], usual);
    const meta = { api_version: { version: '2' }, billed_units: { input_tokens: tokensOf(texts) } };
    return { id: 'sandbox', embeddings: { float: texts.map((text) => vectorOf(text, size)) }, texts, meta };
  }
  if (/:batchEmbedContents$/.test(path)) {
    const requests = Array.isArray(asked['requests']) ? asked['requests'] : [];
    const texts = requests.map(({ content }) => textOfParts(content?.parts));
    const size = sizeOf(requests[0]?.outputDimensionality, 3072);
    const embeddings = texts.map((text) => ({ values: vectorOf(text, size) }));
    return { embeddings, usageMetadata: { promptTokenCount: tokensOf(texts) } };
  }
  return undefined;
}

/** A text, or what stands for parts. */
function textOfParts(parts: unknown): string {
  const [only, ...others] = toList(parts) as { text?: unknown }[];
  return others.length === 0 && typeof only?.text === 'string' ? only.text : JSON.stringify(parts);
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function toTexts(value: unknown): readonly string[] {
  return (Array.isArray(value) ? value : [value]).map(String);
}

function sizeOf(asked: unknown, usual: number): number {
  return typeof asked === 'number' ? asked : usual;
}

function tokensOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Math.ceil(text.length / 4), 0);
}

/** Of length 1, from repeated hashes of the text. */
function vectorOf(text: string, size: number): readonly number[] {
  const bytes: number[] = [];
  for (let round = 0; bytes.length < size; round++) {
    bytes.push(...createHash('sha256').update(`${round}:${text}`).digest());
  }
  const centred = bytes.slice(0, size).map((byte) => byte - 127.5);
  const length = Math.hypot(...centred);
  return centred.map((value) => value / length);
}
