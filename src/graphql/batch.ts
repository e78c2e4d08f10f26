import type { GraphQLError } from 'graphql';
import { parseJson } from '../core/json.ts';
import { sendJson, sendJsonText } from '../http/send-json.ts';
import { withMaskedErrors } from './error-masking.ts';
import { type Result, runQuery } from './execute.ts';
import { badRequest, isSubscription, type PrepareOperation } from './prepare-operation.ts';
import { namesIn, type ReportRefused } from './report-refused.ts';
import type { GraphQLHandler, GraphQLRequest } from './request.ts';

export type BatchParts = {
  readonly prepareOperation: PrepareOperation;
  readonly mask: (thrown: unknown) => GraphQLError;
  readonly reportRefused: ReportRefused;
  /** The most operations of a batch. 0: batches are refused. */
  readonly maxBatch: number;
};

/**
 * Several operations as a JSON array, as Apollo's BatchHttpLink sends them. They run at once, and their results come together,
 * in the same order. One that is refused does not affect the others.
 */
export function createBatchHandler(parts: BatchParts): GraphQLHandler {
  const { prepareOperation, mask, reportRefused, maxBatch } = parts;

  async function run(params: unknown, request: GraphQLRequest): Promise<Result> {
    try {
      const prepared = prepareOperation(params, request);
      if (isSubscription(prepared.operation)) throw badRequest('A subscription cannot be part of a batch.');
      const result = await runQuery(prepared);
      return typeof result === 'string' ? result : withMaskedErrors(result, mask);
    } catch (thrown) {
      return { errors: [mask(thrown)] };
    }
  }

  return async (request, response) => {
    const refuse = (message: string) => {
      const error = badRequest(message);
      reportRefused({ errors: [error] }, request, () => ({}));
      sendJson(response, 400, { errors: [error] });
    };
    if (maxBatch === 0) return refuse('Batches are off (graphql.maxBatch). Send one operation for each request.');
    let batch: unknown;
    try {
      batch = parseJson(request.body);
    } catch {
      return refuse('The body is not valid JSON.');
    }
    if (!Array.isArray(batch) || batch.length === 0) return refuse('The batch has no operation.');
    if (batch.length > maxBatch) {
      return refuse(
        `The batch has ${batch.length} operations (limit ${maxBatch}, graphql.maxBatch). Send several batches.`,
      );
    }
    const results = await Promise.all(batch.map((params) => run(params, request)));
    for (const [index, result] of results.entries()) reportRefused(result, request, () => namesIn(batch[index]));
    const texts = results.map((result) => (typeof result === 'string' ? result : JSON.stringify(result)));
    sendJsonText(response, 200, `[${texts.join(',')}]`);
  };
}

/** Whether a body is a batch: a single operation is an object. */
export function isBatch(body: string): boolean {
  return body.trimStart().startsWith('[');
}
