import { type Answer, streamDocument, streamShape, wholeDocument, wholeShape } from './answer-shape.ts';
import type { GatewayClient } from './client.ts';
import { type FeatureName, featureDocument, featureInput, featureShape, findLack } from './features.ts';
import { Finding } from './finding.ts';
import type { Candidate } from './plan.ts';
import { readStream } from './read-stream.ts';
import { findDifference, findFault } from './rules.ts';

/** A harmless, short prompt: neither it nor the stored start of the answer holds anyone else's text. */
const prompt = 'Say hello in one short sentence.';
/**
 * Far more than the sentence needs, so that a model that reasons first reaches it. Only generated tokens are paid for.
 */
const maxTokens = 2_000;

export type Mode = 'whole' | 'streamed' | FeatureName;

export type CheckResult = {
  readonly provider: string;
  readonly model: string;
  readonly mode: Mode;
  readonly isSandbox: boolean;
  /** Undefined when the check passed. */
  readonly error: Finding | undefined;
  /** Undefined where there was no answer. A failed check may have one. */
  readonly answer: Answer | undefined;
  /** From the request to the first content of a stream, measured by this client. */
  readonly firstTokenMs: number | undefined;
  readonly durationMs: number;
};

export type CheckOptions = {
  readonly client: GatewayClient;
  /** The timeout of one check. */
  readonly timeoutMs: number;
  /** Aborted when the run is stopped. The check that runs then has no result. */
  readonly signal: AbortSignal;
  readonly onBegin: (model: Candidate, mode: Mode) => void;
};

/** Sends one whole request, then one stream, and yields each result as soon as it is known. */
export async function* checkModel(model: Candidate, options: CheckOptions): AsyncGenerator<CheckResult> {
  const { client, signal } = options;
  const variables = {
    input: {
      model: model.id,
      messages: [{ role: 'USER', content: prompt }],
      maxTokens: Math.min(maxTokens, model.maxOutputTokens ?? maxTokens),
    },
  };

  const whole = await check(model, 'whole', options, async (within) => {
    const { chat } = await client.query({ document: wholeDocument, variables, shape: wholeShape }, within);
    if (chat.__typename === 'ChatFailure') throw Finding.reported(chat);
    return { ...chat, toolCalls: chat.toolCalls.length };
  });
  if (signal.aborted) return;
  yield whole;

  const streamed = await check(model, 'streamed', options, async (within, onContent) => {
    const results = client.subscribe({ document: streamDocument, variables, shape: streamShape }, within);
    return await readStream(results, onContent);
  });
  if (signal.aborted) return;
  yield { ...streamed, error: streamed.error ?? compare(whole, streamed) };

  for (const name of model.features) {
    const result = await checkFeature(model, name, options);
    if (signal.aborted) return;
    yield result;
  }
}

/** One whole answer that has to show a feature. Its words, tokens and cost are not compared with anything. */
async function checkFeature(model: Candidate, name: FeatureName, options: CheckOptions): Promise<CheckResult> {
  const variables = {
    input: {
      model: model.id,
      maxTokens: Math.min(maxTokens, model.maxOutputTokens ?? maxTokens),
      ...featureInput(name),
    },
  };
  return await check(model, name, options, async (within) => {
    const { chat } = await options.client.query({ document: featureDocument, variables, shape: featureShape }, within);
    if (chat.__typename === 'ChatFailure') throw Finding.reported(chat);
    const lack = findLack(name, chat);
    if (lack) throw lack;
    return undefined;
  });
}

async function check(
  model: Candidate,
  mode: Mode,
  { timeoutMs, signal, onBegin }: CheckOptions,
  ask: (signal: AbortSignal, onContent: () => void) => Promise<Answer | undefined>,
): Promise<CheckResult> {
  onBegin(model, mode);
  const begun = performance.now();
  const timeout = AbortSignal.timeout(timeoutMs);
  let firstTokenMs: number | undefined;
  let answer: Answer | undefined;
  let error: Finding | undefined;
  try {
    answer = await ask(AbortSignal.any([signal, timeout]), () => {
      firstTokenMs ??= performance.now() - begun;
    });
    error = answer && findFault(answer, model);
  } catch (thrown) {
    if (thrown instanceof Finding) error = thrown;
    else if (timeout.aborted) error = Finding.of('CHECK_TIMEOUT', `No complete answer within ${timeoutMs / 1_000} s.`);
    else if (!signal.aborted) throw thrown;
  }
  const { provider, id, isSandbox } = model;
  return { provider, model: id, mode, isSandbox, error, answer, firstTokenMs, durationMs: performance.now() - begun };
}

function compare(whole: CheckResult, streamed: CheckResult): Finding | undefined {
  if (whole.error || !whole.answer || !streamed.answer) return undefined;
  return findDifference(whole.answer, streamed.answer);
}
