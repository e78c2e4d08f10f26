import type { Step } from '../support/fault-server.ts';
import type { Address, Scheme } from './addresses.ts';
import type { Wire } from './wires.ts';

/** One failure between a gateway and a provider, and the expected result of a call. */

/** A whole answer, or a stream before or after its first content. */
export type Place = 'whole' | 'before' | 'after';

/** The expected result when it happens at every attempt and there is no other target. */
export type Outcome = 'OK' | { readonly codes: readonly string[]; readonly retryable: boolean };

type Named = {
  /** Number in the list of 64. A number may have several forms. */
  readonly number: number;
  readonly title: string;
  readonly places: readonly Place[];
  readonly outcome: (place: Place, wire: Wire) => Outcome;
};

/** While connecting: where its name resolves to. */
export type ConnectionFault = Named & { readonly scheme: Scheme; readonly leadsTo: Address };

/** In its answer. */
export type AnswerFault = Named & {
  readonly steps: (wire: Wire, place: Place) => readonly Step[];
  /** The expected text, where it differs from the usual one. */
  readonly says?: string;
};

export type Fault = ConnectionFault | AnswerFault;

export const all: readonly Place[] = ['whole', 'before', 'after'];
export const early: readonly Place[] = ['whole', 'before'];
export const streamed: readonly Place[] = ['before', 'after'];
export const once: readonly Place[] = ['before'];

export const fails =
  (...codes: string[]) =>
  (): Outcome => ({ codes, retryable: true });
export const isFinal =
  (...codes: string[]) =>
  (): Outcome => ({ codes, retryable: false });
export const ok = (): Outcome => 'OK';
