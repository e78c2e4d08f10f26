import { failureCodes } from '../../src/core/errors.ts';
import type { Told } from './ask.ts';
import { answer } from './catalogue.ts';
import type { Fault, Place } from './fault.ts';
import type { Wire } from './wires.ts';

/** Actual and expected result of a call. */

type Kind = 'OK' | 'OK_AFTER_RETRY' | 'FAILED_OVER' | 'TYPED_ERROR' | 'TERMINAL_EVENT' | 'WRONG';

/** The result in one word, and the code of its failure. */
export type Seen = { readonly kind: Kind; readonly code?: string | undefined; readonly retryable?: boolean };

export type Expected = {
  readonly kind: Kind;
  readonly codes?: readonly string[] | undefined;
  readonly retryable?: boolean;
};

/** How often the fault occurs, and whether there is another target. */
export const ways = ['always', 'first', 'fallback'] as const;
export type Way = (typeof ways)[number];

export function expectedOf(fault: Fault, wire: Wire, place: Place, way: Way): Expected {
  const outcome = fault.outcome(place, wire);
  if (outcome === 'OK') return { kind: 'OK' };
  if (place === 'after') return { kind: 'TERMINAL_EVENT', ...outcome };
  const mayFailOver = outcome.codes.some((code) => failureCodes[code as keyof typeof failureCodes].recovery !== 'none');
  if (way === 'fallback' && mayFailOver) return { kind: 'FAILED_OVER' };
  if (way === 'first' && outcome.retryable) return { kind: 'OK_AFTER_RETRY' };
  return { kind: 'TYPED_ERROR', ...outcome };
}

/** Patterns of keys, prompts, stack traces and paths. */
export const inside = /canary|\\n +at |(^|\n) +at |node_modules|file:\/\/|\/src\//i;

/** `generations` is how often a provider was asked for an answer. */
export function seenIn(told: Told, fault: Fault, generations: number): Seen {
  const { isComplete, said, code, retryable, attempts } = told;
  const leak = inside.exec(told.raw)?.[0];
  if (leak !== undefined) return { kind: 'WRONG', code: `an answer that tells ${JSON.stringify(leak)}` };
  if (attempts.length !== generations) {
    return { kind: 'WRONG', code: `${generations} generations, of which ${attempts.length} are told` };
  }
  if (!isComplete) {
    if (said === '') return { kind: 'TYPED_ERROR', code, retryable };
    return attempts.length === 1 ? { kind: 'TERMINAL_EVENT', code, retryable } : { kind: 'WRONG', code: 'two answers' };
  }
  const right = attempts.length === 1 && 'says' in fault ? fault.says : answer;
  if (said !== right) return { kind: 'WRONG', code: `an answer that says ${JSON.stringify(said)}` };
  if (attempts.length === 1) return { kind: 'OK' };
  return { kind: attempts[0] === attempts.at(-1) ? 'OK_AFTER_RETRY' : 'FAILED_OVER' };
}

export function isRight(seen: Seen, { kind, codes, retryable }: Expected): boolean {
  return seen.kind === kind && (!codes || (codes.includes(seen.code ?? '') && seen.retryable === retryable));
}
