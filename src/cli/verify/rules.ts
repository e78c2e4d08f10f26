import type { Answer } from './answer-shape.ts';
import { Finding } from './finding.ts';
import type { Candidate } from './plan.ts';

const goodFinishes: readonly string[] = ['STOP', 'LENGTH', 'TOOL_CALL'];

/** Why this is not an answer of the requested model with everything that an application needs. */
export function findFault(answer: Answer, { provider, isSandbox }: Candidate): Finding | undefined {
  const { finishReason, rawFinishReason, usage } = answer;
  if (answer.provider !== provider) {
    return Finding.of('WRONG_TARGET', `${provider} was requested, and ${answer.provider} answered.`);
  }
  if (answer.isSandbox !== isSandbox) {
    const [listed, actual] = isSandbox ? ['sandboxed', 'real'] : ['real', 'sandboxed'];
    return Finding.of('WRONG_TARGET', `The model is listed as ${listed}, and its answer names ${actual}.`);
  }
  if (answer.text.trim() === '' && answer.toolCalls === 0) {
    const hint = finishReason === 'LENGTH' ? ': reasoning used all tokens' : '';
    return Finding.of('ANSWER_EMPTY', `The answer has neither text nor tool calls${hint} (${finishReason}).`);
  }
  if (!goodFinishes.includes(finishReason)) {
    return Finding.of('BAD_FINISH', `The answer ended with ${finishReason} (of the provider: ${rawFinishReason}).`);
  }
  if (usage?.inputTokens == null || usage.outputTokens == null) {
    return Finding.of('USAGE_MISSING', 'The answer reports no token usage.');
  }
  return undefined;
}

/** Why two answers to one prompt differ in kind. Their words may differ, except in the sandbox. */
export function findDifference(whole: Answer, streamed: Answer): Finding | undefined {
  const kinds = {
    text: ({ text }: Answer) => text !== '',
    'tool calls': ({ toolCalls }: Answer) => toolCalls > 0,
    'a cost': ({ cost }: Answer) => cost !== null,
  };
  for (const [what, has] of Object.entries(kinds)) {
    if (has(whole) === has(streamed)) continue;
    const only = has(whole) ? 'whole' : 'streamed';
    return Finding.of('STREAM_DIFFERS', `Only the ${only} one of the two answers has ${what}.`);
  }
  if (whole.isSandbox && whole.text !== streamed.text) {
    return Finding.of('STREAM_DIFFERS', 'The sandbox always gives the same answer, but whole and streamed differ.');
  }
  return undefined;
}
