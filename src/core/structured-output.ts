import type { ChatRequest } from './chat.ts';
import type { FinishReason } from './completion.ts';
import type { Issue } from './errors.ts';
import { parseJson } from './json.ts';
import type { JsonObject } from './json-object.ts';
import { shapeProblem } from './json-shape.ts';

/** JSON in answers: reading it, and the port of its validation. */

/** `unchecked`: the schema itself cannot be used, or takes too long. */
export type OutputCheck =
  | { readonly kind: 'valid' }
  | { readonly kind: 'invalid'; readonly issues: readonly Issue[] }
  | { readonly kind: 'unchecked'; readonly why: string };

export type OutputValidator = {
  /** Never rejects. Callers take turns, and a validation that takes too long is given up. */
  check(schema: JsonObject, value: unknown, caller: string): Promise<OutputCheck>;
  close(): Promise<void>;
};

/** What a request wants its answer to be. Undefined for text. */
export type ExpectedOutput = { readonly schema: JsonObject | undefined };

export function expectedOutput({
  responseFormat: format,
}: Pick<ChatRequest, 'responseFormat'>): ExpectedOutput | undefined {
  if (!format) return undefined;
  return { schema: format.type === 'json_schema' && format.validate !== false ? format.schema : undefined };
}

/** An answer that was cut off, refused or calls tools holds no JSON to check. */
export function isWhole(finishReason: FinishReason): boolean {
  return finishReason === 'stop' || finishReason === 'other';
}

/** The value in an answer, or why there is none. */
export function readOutput(text: string): { readonly value: unknown } | { readonly problem: string } {
  const json = withoutFence(text);
  const problem = shapeProblem(json);
  if (problem !== undefined) return { problem: `The JSON is ${problem}` };
  try {
    return { value: parseJson(json) };
  } catch {
    return { problem: json === '' ? 'Expected JSON, and the answer is empty' : 'The text is not valid JSON' };
  }
}

const fence = '```';

/** Models that are asked for JSON in the prompt wrap it in a block of Markdown at times. */
export function withoutFence(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith(fence)) return trimmed;
  const lineEnd = trimmed.indexOf('\n');
  if (lineEnd < 0) return trimmed;
  const end = trimmed.endsWith(fence) && trimmed.length > lineEnd + fence.length ? -fence.length : undefined;
  return trimmed.slice(lineEnd + 1, end).trim();
}
