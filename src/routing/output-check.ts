import type { ChatRequest } from '../core/chat.ts';
import type { ProviderCompletion, ProviderEvent, Warning } from '../core/completion.ts';
import { GatewayError, type Issue } from '../core/errors.ts';
import type { Message } from '../core/message.ts';
import type { Poll, PollStream } from '../core/poll-stream.ts';
import { type ExpectedOutput, isWhole, type OutputValidator, readOutput } from '../core/structured-output.ts';

/** Reads and validates the JSON of answers. */

/** What an answer gets: its value, where it has one. */
export type CheckedOutput = { readonly object?: unknown; readonly warnings?: readonly Warning[] };

export type CheckOutput = (
  expected: ExpectedOutput,
  answer: Pick<ProviderCompletion, 'text' | 'finishReason' | 'refusal' | 'warnings'>,
  caller: string,
) => Promise<CheckedOutput>;

export type FinishedEvent = Extract<ProviderEvent, { type: 'finished' }>;

/** Throws OUTPUT_INVALID. */
export function createOutputCheck(validator: OutputValidator): CheckOutput {
  return async ({ schema }, { text, finishReason, refusal, warnings = [] }, caller) => {
    if (!isWhole(finishReason) || refusal !== undefined) return {};
    const read = readOutput(text);
    if ('problem' in read) {
      if (!schema) return {};
      throw outputInvalid([{ path: 'object', message: read.problem }]);
    }
    const { value: object } = read;
    if (!schema) return { object };
    const check = await validator.check(schema, object, caller);
    if (check.kind === 'invalid') throw outputInvalid(check.issues);
    if (check.kind === 'valid') return { object };
    const message = `The answer was not validated against the schema: ${check.why}`;
    return { object, warnings: [...warnings, { option: 'responseFormat', message }] };
  };
}

function outputInvalid(issues: readonly Issue[]): GatewayError {
  const [first] = issues;
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : '';
  const message = `The answer does not follow the JSON schema: ${first?.path} ${first?.message}${more}. Use "repair", or another model.`;
  return new GatewayError('OUTPUT_INVALID', message, { issues });
}

/** Further attempts at an answer that does not follow its schema. */
export function repairsOf({ repair }: ChatRequest): number {
  return repair ? (repair.maxAttempts ?? 1) : 0;
}

/** The request after an invalid answer: the model sees it, and what is wrong with it. */
export function withIssues(request: ChatRequest, text: string, { issues }: GatewayError): ChatRequest {
  const list = issues.map(({ path, message }) => `- ${path}: ${message}`).join('\n');
  const correction = `This answer does not follow the JSON schema:\n${list}\nAnswer again with JSON that follows the schema, and nothing else.`;
  const wrong: Message[] =
    text.trim() === '' ? [] : [{ role: 'assistant', text, toolCalls: [], providerState: undefined }];
  const user: Message = { role: 'user', parts: [{ type: 'text', text: correction }] };
  return { ...request, messages: [...request.messages, ...wrong, user] };
}

/**
 * A stream whose end is held back until its text was checked. `holdsText`: so is the text, which may be replaced by that of
 * a further attempt.
 */
export function checkStream(
  batches: PollStream<ProviderEvent>,
  holdsText: boolean,
  settle: (text: string, finished: FinishedEvent) => Promise<readonly ProviderEvent[]>,
): PollStream<ProviderEvent> {
  const texts: string[] = [];
  let pending: Promise<void> | undefined;
  let next: (() => Poll<ProviderEvent>) | undefined;

  async function finish(finished: FinishedEvent): Promise<void> {
    try {
      const last = await settle(texts.join(''), finished);
      next = () => {
        next = () => 'done';
        return last;
      };
    } catch (thrown) {
      next = () => {
        throw thrown;
      };
    }
  }

  return {
    poll() {
      if (next) return next();
      if (pending) return 'pending';
      const batch = batches.poll();
      if (typeof batch === 'string') return batch;
      for (const event of batch) if (event.type === 'content') texts.push(event.text);
      const last = batch.at(-1);
      const shown = holdsText ? batch.filter(({ type }) => type !== 'content') : batch;
      if (last?.type !== 'finished') return shown;
      pending = finish(last);
      return shown.slice(0, -1);
    },
    ready: () => pending ?? batches.ready(),
    cancel: batches.cancel,
  };
}
